import { inspect } from "node:util";
import { expect, it } from "vitest";
import { matrixConfig } from "./config.ts";

const homeserver = { BELLHOP_MATRIX_HOMESERVER: "https://matrix.example.org/" };

it("takes a token and shows it to nobody", () => {
  const { matrix } = matrixConfig({ ...homeserver, BELLHOP_MATRIX_TOKEN: "syt_secret" });
  expect(matrix.homeserver).toBe("https://matrix.example.org");
  expect("token" in matrix.login && matrix.login.token.reveal()).toBe("syt_secret");
  expect(`${inspect(matrix, { depth: 5 })}${JSON.stringify(matrix)}`).not.toMatch(/syt_/);
});

it("takes a user and password, and the list of inviters", () => {
  const env = {
    ...homeserver,
    BELLHOP_MATRIX_USER: "bellhop",
    BELLHOP_MATRIX_PASSWORD: "pw",
    BELLHOP_MATRIX_INVITERS: "@ana:a.org, *:b.org",
  };
  const { matrix } = matrixConfig(env);
  expect(matrix).toMatchObject({ login: { user: "bellhop" }, inviters: ["@ana:a.org", "*:b.org"] });
  expect(`${inspect(matrix, { depth: 5 })}`).not.toMatch(/"pw"/);
});

it("reports all faults together, each by its variable", () => {
  const env = { BELLHOP_MATRIX_HOMESERVER: "here", BELLHOP_MATRIX_INVITERS: "ana" };
  expect(() => matrixConfig(env)).toThrow(/4 faults:[^]*HOMESERVER: .*URL[^]*INVITERS.*@user:server[^]*USER: missing/);
  expect(() => matrixConfig(homeserver)).toThrow(/2 faults:[^]*USER: missing[^]*PASSWORD: missing/);
});
