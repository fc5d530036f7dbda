import { resolve } from "node:path";
import { expect, test } from "vitest";
import { refusedName } from "./name.ts";

test.each<[string, string | undefined]>([
  ["deploy", undefined],
  ["on_call_2", undefined],
  ["", "A pack needs a name: bellhop pack new NAME."],
  ["My-Pack", "Did you mean my_pack?"],
  ["a/b", "Did you mean a_b?"],
  ["../deploy", "Did you mean deploy?"],
  ["..", "can't be the name of a pack: small letters, digits and _, a letter first, 48 at most."],
  ["2fast", "Did you mean fast?"],
  ["x".repeat(49), `Did you mean ${"x".repeat(48)}?`],
  ["status", "commands of Bellhop's own"],
  ["help", "commands of Bellhop's own"],
  ["taken", "There is a pack taken already, in packs/other."],
])("a pack that is to be called %j: %s", (name, why) => {
  const taken = new Map([["taken", resolve("packs/other")]]);
  if (why === undefined) expect(refusedName(name, taken)).toBeUndefined();
  else expect(refusedName(name, taken)).toContain(why);
});
