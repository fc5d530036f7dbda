import { AliasDefinition } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { emptyCatalog, withoutPack, withPack, type Catalog } from "../catalog.ts";
import { matchAlias, nearestFormat } from "./match.ts";
import { matchStrict } from "./strict.ts";

function catalogOf(formats: Record<string, string[]>): Catalog {
  const aliases = Object.entries(formats).map(([name, texts]) =>
    AliasDefinition.parse({
      ref: `p.${name}`,
      pack: "p",
      name,
      action: `p.${name}`,
      formats: [{ display: texts[0], representation: texts }],
      source: { file: "x", line: 1, column: 1 },
    }),
  );
  return withPack(emptyCatalog, { v: 1, name: "p", version: "1", description: "", digest: "d", actions: [], aliases });
}

const inChat = (catalog: Catalog, text: string) => {
  const match = matchAlias(catalog, text);
  if (match.kind === "matched") return match.alias.definition.name;
  if (match.kind === "ambiguous") return match.candidates.map(({ alias }) => alias.definition.name).join(" or ");
  const near = nearestFormat(catalog, text, () => true);
  return `none${near === undefined ? "" : `, near ${near}`}`;
};

const toStackStorm = (catalog: Catalog, text: string) => {
  const match = matchStrict(
    catalog.aliases.map(({ definition }) => definition),
    text,
  );
  if (match.kind === "matched" || match.kind === "shown") return match.pattern.alias.name;
  return match.kind === "ambiguous" ? match.patterns.map(({ alias }) => alias.name).join(" or ") : "none";
};

describe("of several aliases", () => {
  const catalog = catalogOf({
    deploy: ["deploy {{ app }}"],
    to: ["deploy {{ app }} to {{ env }}"],
    any: ["{{ anything }} please"],
    list: ["list {{ a }}"],
    listed: ["list {{ a }} {{ b=2 }}"],
    same: ["same {{ a }}", "same( {{ a }})"],
    x: ["tie {{ a }}"],
    y: ["tie {{ b }}"],
  });

  it.each([
    ["deploy web", "deploy", "deploy"],
    ["deploy web to prod", "to", "deploy or to"],
    ["DEPLOY web", "deploy", "none"],
    ["deploy web please", "any or deploy", "deploy or any"],
    ["list a", "list", "list or listed"],
    ["same a", "same", "same or same"],
    ["tie a", "x or y", "x or y"],
    ["dpeloy web", "none, near deploy {{ app }}", "none"],
    ["frobnicate", "none", "none"],
  ])("%j means %s in chat and %s to StackStorm", (text, chat, strict) => {
    expect([inChat(catalog, text).split(" or ").toSorted(), toStackStorm(catalog, text).split(" or ").toSorted()]).toEqual([
      chat.split(" or ").toSorted(),
      strict.split(" or ").toSorted(),
    ]);
  });

  it("those of a pack that was taken out are gone, and a new version replaces the old one's", () => {
    expect(inChat(withoutPack(catalog, "p"), "deploy web")).toBe("none");
    expect(withPack(catalog, { v: 1, name: "p", version: "2", description: "", digest: "e", actions: [], aliases: [] }).aliases).toEqual(
      [],
    );
  });
});
