import { expect, it } from "vitest";
import { scriptArguments } from "./arguments.ts";

const parameters = {
  name: { type: "string" },
  loud: { type: "boolean" },
  quiet: { type: "boolean" },
  data: { type: "object" },
  none: { type: "string" },
  second: { type: "array", position: 1 },
  first: { type: "string", position: 0 },
  third: { type: "boolean", position: 2 },
  fourth: { type: "string", position: 3 },
} as const;

it("gives named arguments first, then positional ones by their position, each in StackStorm's form", () => {
  const input = {
    name: "a b'c",
    loud: true,
    quiet: false,
    data: { a: 1 },
    none: "",
    second: ["x", 2],
    first: "$(id)",
    third: false,
    timeout: 60,
    cwd: "/",
  };
  expect(scriptArguments({ parameters, input })).toEqual(["--name=a b'c", "--loud", '--data={"a":1}', "$(id)", "x,2", "0", ""]);
});

it("uses the prefix that kwarg_op names", () => {
  expect(scriptArguments({ parameters: { a: {} }, input: { a: 1, kwarg_op: "-" }, kwargOp: "-" })).toEqual(["-a=1"]);
});
