import { readManifest } from "@bellhop/pack-loader";
import { expect, test } from "vitest";
import { failureOf } from "./failure.ts";

const text = `{
  "dependencies": {
    "yaml": "^2.9.0",
    "yaml-lint": "1"
  }
}`;
const { manifest } = readManifest(text);

test.each([
  ["ECONNREFUSED", "FetchError: request failed, reason: connect ECONNREFUSED", "Is there a network", true],
  ["E503", "503 Service Unavailable", "Is there a network", true],
  ["E404", "Not Found - GET yaml", "Look at its name and version", false],
  ["ETARGET", "No matching version found for yaml@^9", "Look at its name and version", false],
  ["E401", "Unable to authenticate", "npm has to log in", false],
  ["EINTEGRITY", "sha512 integrity checksum failed", "not what the lock file says", false],
  ["EWHATEVER", "odd", "", false],
])("npm's %s is said with what to do, and whether it may go by itself", (code, why, hint, temporary) => {
  const failure = failureOf({ kind: "failed", code, why }, manifest);
  expect(failure).toMatchObject({
    temporary,
    problems: [
      { file: "package.json", message: `npm can't install the dependencies of this pack: ${why}.`, hint: expect.stringContaining(hint) },
    ],
  });
});

test.each([
  ["No matching version found for yaml-lint@1", 4],
  ["No matching version found for yaml@^2.9.0", 3],
  ["nothing in particular", 3],
])("it stands at the dependency that it is about: %s", (why, line) => {
  expect(failureOf({ kind: "failed", code: "ETARGET", why }, manifest).problems).toMatchObject([{ line, column: 5 }]);
});

test.each([
  [{ kind: "missing" } as const, "There is no npm", false],
  [{ kind: "late", seconds: 300 } as const, "within 300 s", true],
  [{ kind: "impostor", name: "yaml", version: "1.0.0" } as const, "What this pack gets as yaml 1.0.0 is not", false],
  [{ kind: "stopped" } as const, "was stopped", true],
  [{ kind: "large", bytes: 300 * 1024 * 1024 } as const, "have 300 MB; 256 MB are allowed", false],
])("%o", (cause, message, temporary) => {
  expect(failureOf(cause, manifest)).toMatchObject({ temporary, problems: [{ message: expect.stringContaining(message) }] });
});
