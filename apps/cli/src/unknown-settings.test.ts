import { expect, it } from "vitest";
import { unknownSettings } from "./unknown-settings.ts";

it.each<[string, Record<string, unknown>, string[]]>([
  ["nothing, where all is read", { rooms: { ops: "slack:T1/C9" }, api: { listen: 8080 }, packs: ["packs/deploy"], nats: {} }, []],
  ["what is misspelt", { roms: {} }, ["There is no setting roms. Did you mean rooms?"]],
  ["what is misspelt within a section", { api: { lisen: 1 } }, ["There is no setting api.lisen. Did you mean listen?"]],
  ["what is near nothing", { frobnicate: 1 }, ["There is no setting frobnicate."]],
  [
    "within what has names of its own",
    { api: { hooks: { a: { tokn: "x" } } } },
    ["There is no setting api.hooks.a.tokn. Did you mean token?"],
  ],
  ["no names that somebody gives", { packConfig: { deploy: { anything: { at: "all" } } }, roles: { dba: ["slack:T1/U2"] } }, []],
  ["no platform's account", { slack: { accounts: { acme: {} } } }, []],
])("of the settings that nothing reads it tells %s", (_, file, told) => {
  expect(unknownSettings(file)).toEqual(told);
});
