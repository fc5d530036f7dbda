import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { Secret, type Env } from "@bellhop/service";
import { expect, it } from "vitest";
import { z } from "zod";
import { gatewayConfig, hasAccounts, type PlatformSettings } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "bellhop-gateway-config-"));
let files = 0;

interface BoardSettings {
  wallToken: Secret;
  size: string;
  apiUrl?: string;
}

const board: PlatformSettings<BoardSettings> = {
  platform: "board",
  secrets: ["wallToken"],
  own: ["size"],
  shared: ["apiUrl"],
  schema: z.object({
    wallToken: z
      .string({ error: "the token is missing" })
      .regex(/^wt-/, "a token begins with wt-")
      .transform((value) => new Secret(value)),
    size: z.string().default("small"),
    apiUrl: z.url({ error: "expected a URL" }).optional(),
  }),
};

function environment(yaml: string, env: Env = {}): Env {
  const path = join(folder, `${++files}.yaml`);
  writeFileSync(path, yaml);
  return { BELLHOP_CONFIG: path, ...env };
}

function accounts(yaml: string, env?: Env) {
  return gatewayConfig(environment(yaml, env), board).accounts.map(({ wallToken, ...rest }) => ({ ...rest, token: wallToken.reveal() }));
}

it("takes one account from the environment or from bellhop.yaml; the environment wins", () => {
  expect(accounts("board: { wallToken: wt-1, size: large }")).toEqual([{ name: "default", token: "wt-1", size: "large" }]);
  const env = { BELLHOP_BOARD_WALL_TOKEN: "wt-2", BELLHOP_BOARD_SIZE: "" };
  expect(accounts("board: { wallToken: wt-1, size: large }", env)).toEqual([{ name: "default", token: "wt-2", size: "large" }]);
});

it("takes several accounts, each with its own secrets, sharing what is not theirs alone", () => {
  const yaml = `
board:
  apiUrl: http://127.0.0.1:1
  size: large
  accounts:
    acme-corp: { wallToken: wt-1, apiUrl: "http://127.0.0.1:2" }
    beta:
`;
  const apiUrl = "http://127.0.0.1:1";
  const env = { BELLHOP_BOARD_BETA_WALL_TOKEN: "wt-2", BELLHOP_BOARD_BETA_SIZE: "medium" };
  const acme = { name: "acme-corp", token: "wt-1", size: "small", apiUrl: "http://127.0.0.1:2" };
  const beta = { name: "beta", token: "wt-2", size: "medium", apiUrl };
  expect(accounts(yaml, env)).toEqual([acme, beta]);
  expect(accounts(yaml, { ...env, BELLHOP_BOARD_WALL_TOKEN: "wt-3", BELLHOP_BOARD_ACME_CORP_WALL_TOKEN: "wt-4" })).toEqual([
    { name: "default", token: "wt-3", size: "large", apiUrl },
    { ...acme, token: "wt-4" },
    beta,
  ]);
});

it("shows no secret, not even those in bellhop.yaml", () => {
  const config = gatewayConfig(environment("board: { wallToken: wt-1, accounts: { acme: { wallToken: wt-2 } } }"), board);
  expect(`${inspect(config, { depth: 9 })}${JSON.stringify(config)}`).not.toMatch(/wt-/);
});

it("reports all faults together, each by its variable or its place", () => {
  const yaml = `
prefix: 5
prefixes: { C1: "?", "slack:C1": " x", "discord:1": "?" }
board:
  apiUrl: here
  colour: red
  accounts:
    acme: { wallTokn: wt-1, wallToken: secret-1 }
    beta: {}
    Gamma: { wallToken: wt-3 }
`;
  const env = { BELLHOP_BOARD_BETA_WALL_TOKEN: "secret-2", BELLHOP_BOARD_DELTA_WALL_TOKEN: "wt-4" };
  const thrown = faultsOf(() => gatewayConfig(environment(yaml, env), board));
  expect(thrown).not.toContain("secret-");
  for (const fault of [
    "  prefix: expected in quotes",
    "  prefixes.C1: expected platform:channel",
    "  prefixes.slack:C1: expected up to 32 characters",
    "  board.colour: there is no such setting; there are wallToken, size, apiUrl",
    "  board.accounts.Gamma: an account is named by small letters",
    "  board.accounts.acme.wallTokn: there is no such setting",
    "  board.accounts.acme.wallToken: a token begins with wt-",
    "  BELLHOP_BOARD_BETA_WALL_TOKEN: a token begins with wt-",
    "  BELLHOP_BOARD_DELTA_WALL_TOKEN: bellhop.yaml has no account of that name under board.accounts",
  ])
    expect(thrown).toContain(fault);
});

it("names the place that a faulty value comes from", () => {
  const yaml = "board: { apiUrl: here, accounts: { acme: { wallToken: secret-1 }, beta: {} } }";
  const thrown = faultsOf(() => gatewayConfig(environment(yaml, { BELLHOP_BOARD_DELTA_WALL_TOKEN: "wt-4" }), board));
  expect(
    thrown
      .split("\n")
      .slice(1)
      .map((line) => line.split(": ")[0]?.trim()),
  ).toEqual([
    "board.accounts.acme.wallToken",
    "board.apiUrl",
    "BELLHOP_BOARD_BETA_WALL_TOKEN",
    "board.apiUrl",
    "BELLHOP_BOARD_DELTA_WALL_TOKEN",
  ]);
});

it("asks for the default account where there is none at all", () => {
  expect(() => gatewayConfig(environment(""), board)).toThrow(/configuration: 1\n[^]*BELLHOP_BOARD_WALL_TOKEN: the token is missing/);
});

it("reads how commands begin, for every room and for single ones", () => {
  const env = { BELLHOP_BOARD_WALL_TOKEN: "wt-1" };
  expect(gatewayConfig(environment("", env), board).prefixes).toEqual({ general: "!", rooms: {} });
  const yaml = `{ prefix: "?", prefixes: { "matrix:!room:server": "bellhop " } }`;
  expect(gatewayConfig(environment(yaml, env), board).prefixes).toEqual({ general: "?", rooms: { "matrix:!room:server": "bellhop " } });
});

it.each([
  ["", {}, false],
  ["board: { apiUrl: here, size: large, accounts: { acme: {} } }", {}, false],
  ["", { BELLHOP_BOARD_WALL_TOKEN: "" }, false],
  ["", { BELLHOP_BOARD_WALL_TOKEN: "x" }, true],
  ["", { BELLHOP_BOARD_ACME_WALL_TOKEN: "x" }, true],
  ["board: { wallToken: x }", {}, true],
  ["board: { accounts: { acme: { wallToken: x } } }", {}, true],
])("knows whether there is an account: %j with %j: %s", (yaml, env, expected) => {
  const { file } = gatewayConfig(environment(yaml, { BELLHOP_BOARD_WALL_TOKEN: "wt-1" }), { ...board, schema: z.any() });
  expect(hasAccounts(env, { of: board, file })).toBe(expected);
});

function faultsOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("no fault was found");
}
