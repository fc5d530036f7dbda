import { expect, test } from "vitest";
import { reasonOf } from "./reason.ts";

const message = "Execution failed. See result for details.";

test.each<[string, unknown, string]>([
  ["its error", { error: "No such host.", stderr: "x" }, "No such host."],
  ["what its command wrote", { return_code: 2, stderr: "sort: no such file\n" }, "sort: no such file"],
  [
    "which program it lacks, and how that is had",
    { return_code: 127, stderr: "/usr/bin/env: ‘python3’: No such file or directory" },
    "python3 is not on the runner's machine. Install it where the runner is (Debian: apt install python3), or mend the action.",
  ],
  ["nothing", { return_code: 1, stderr: "" }, message],
])("why a task failed is what its action said: %s", (_, result, why) => {
  expect(reasonOf({ message, result })).toBe(why);
});
