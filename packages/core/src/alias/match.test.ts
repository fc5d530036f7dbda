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
  if (match.kind === "several") return `${match.alias.definition.name}, ${match.all.length} times`;
  if (match.kind === "ambiguous") return match.candidates.map(({ alias }) => alias.definition.name).join(" or ");
  const near = nearestFormat(catalog, text, () => true)?.display;
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

describe("a format with match_multiple", () => {
  const definition = (name: string, format: string, matchMultiple: boolean) =>
    AliasDefinition.parse({
      ref: `p.${name}`,
      pack: "p",
      name,
      action: `p.${name}`,
      formats: [{ representation: [format], matchMultiple }],
      source: { file: "x", line: 1, column: 1 },
    });
  const aliases = [definition("issue", "(?:\\s|^)(?P<key>[A-Z]+-\\d+)(?:\\s|$)", true), definition("show", "show {{ key }}", false)];
  const catalog = withPack(emptyCatalog, { v: 1, name: "p", version: "1", description: "", digest: "d", actions: [], aliases });

  it.each([
    ["see ABC-1 please", "issue"],
    ["ABC-1 and DEF-2", "issue, 2 times"],
    ["ABC-1 and ABC-1", "issue"],
    ["show ABC-1", "show"],
    ["nothing", "none"],
  ])("%j means %s", (text, expected) => {
    expect(inChat(catalog, text)).toBe(expected);
  });
});

it("names ten of very many that fit alike", () => {
  const many = catalogOf(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`a${index}`, [`same {{ p${index} }}`]])));
  const match = matchAlias(many, "same thing");
  expect(match.kind === "ambiguous" ? match.candidates.length : match.kind).toBe(10);
});
