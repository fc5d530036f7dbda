import { expect, test } from "vitest";
import { describeProblem } from "./problem.ts";

test.each([
  ["packs/door", "aliases/state.yaml", "packs/door/aliases/state.yaml:4:17 It is wrong."],
  [".", "pack.yaml", "pack.yaml:4:17 It is wrong."],
  ["packs/door", "", "packs/door:4:17 It is wrong."],
  ["git+https://h.example/door.git", "pack.yaml", "git+https://h.example/door.git/pack.yaml:4:17 It is wrong."],
  ["https://h.example/door.tgz", "", "https://h.example/door.tgz:4:17 It is wrong."],
])("what is wrong in %s is told with its place", (folder, file, told) => {
  expect(describeProblem(folder, { file, line: 4, column: 17, message: "It is wrong.", hint: "" })).toBe(told);
});
