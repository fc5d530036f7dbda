import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkCompose, faultsOf as composeFaults } from "./compose.ts";
import { checkContainerFile, faultsOf as containerFaults } from "./containerfile.ts";
import { composeFile, containerFile, instructionsOf } from "./files.ts";
import { checkUnits, checkUnitsAlike } from "./units.ts";

const container = readFileSync(containerFile, "utf8");
const compose = readFileSync(composeFile, "utf8");

test.each([
  ["the container file", checkContainerFile],
  ["the compose file", checkCompose],
  ["the units, against each other", checkUnitsAlike],
  ["the units, by systemd", checkUnits],
])("nothing is wrong with %s", (name, check) => {
  const outcome = check();
  if (outcome.kind === "skipped") process.stderr.write(`${name}: ${outcome.why}\n`);
  expect(outcome.kind === "bad" ? outcome.faults : []).toEqual([]);
});

test.each([
  ["an instruction that there is not", "COPY . .", "COPPY . .", /Unknown instruction/],
  ["a root", "USER 10001:10001", "USER root", /runs as root/],
  ["a secret", "NODE_ENV=production", "SLACK_TOKEN=xoxb-1", /stays in the image/],
  ["no health check", /HEALTHCHECK[^]*?\nENTRYPOINT/, "ENTRYPOINT", /no HEALTHCHECK/],
])("in the container file %s is found", (_, good, worse, fault) => {
  expect(containerFaults(container.replace(good, worse)).join("\n")).toMatch(fault);
});

test.each([
  ["a misspelt option", "read_only: true", "read_onyl: true", /nats[^]*(read_onyl|Unrecognized)/],
  ["a root that can be written", "read_only: true", "read_only: false", /can write to its root/],
  ["a secret that there is not", "secrets: [postgres-password]", "secrets: [postgres-pasword]", /no secret postgres-pasword/],
  ["a password in the open", "POSTGRES_PASSWORD_FILE: /run/secrets/postgres-password", "POSTGRES_PASSWORD: hunter2", /belongs in a file/],
  ["a part without bounds", "limits: { memory: 768m }", "limits: { cpus: '1' }", /memory has no limit/],
])("in the compose file %s is found", (_, good, worse, fault) => {
  expect(composeFaults(compose.replace(good, worse)).join("\n")).toMatch(fault);
});

test("an instruction over several lines is one", () => {
  expect(instructionsOf('# no\nRUN a \\\n  && b\n# nor this\nCMD ["c"]\n')).toEqual([
    { name: "RUN", rest: "a && b" },
    { name: "CMD", rest: '["c"]' },
  ]);
});
