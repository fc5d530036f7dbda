import { inspect } from "node:util";
import { expect, it } from "vitest";
import { matrixConfig } from "./config.ts";

const homeserver = { BELLHOP_MATRIX_HOMESERVER: "https://matrix.example.org/" };

it("takes a token and shows it to nobody", () => {
  const { accounts } = matrixConfig({ ...homeserver, BELLHOP_MATRIX_TOKEN: "syt_secret" });
  expect(accounts).toMatchObject([{ name: "default", homeserver: "https://matrix.example.org" }]);
  expect(accounts.map(({ login }) => "token" in login && login.token.reveal())).toEqual(["syt_secret"]);
  expect(`${inspect(accounts, { depth: 5 })}${JSON.stringify(accounts)}`).not.toMatch(/syt_/);
});

it("takes a user and password, and the list of inviters", () => {
  const env = {
    ...homeserver,
    BELLHOP_MATRIX_USER: "bellhop",
    BELLHOP_MATRIX_PASSWORD: "pw",
    BELLHOP_MATRIX_INVITERS: "@ana:a.org, *:b.org",
  };
  const { accounts } = matrixConfig(env);
  expect(accounts).toMatchObject([{ login: { user: "bellhop" }, inviters: ["@ana:a.org", "*:b.org"] }]);
  expect(inspect(accounts, { depth: 5 })).not.toMatch(/"pw"/);
});

it("reports all faults together, each by its variable", () => {
  const env = { BELLHOP_MATRIX_HOMESERVER: "here", BELLHOP_MATRIX_INVITERS: "ana" };
  expect(() => matrixConfig(env)).toThrow(/configuration: 4\n[^]*HOMESERVER: .*URL[^]*INVITERS.*@user:server[^]*USER: missing/);
  expect(() => matrixConfig(homeserver)).toThrow(/configuration: 2\n[^]*USER: missing[^]*PASSWORD: missing/);
});
