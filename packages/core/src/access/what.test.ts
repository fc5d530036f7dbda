import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWhat, overlaps, parseWhat, type Target } from "./what.ts";

const is = (text: string, target: Target) => {
  const read = parseWhat(text);
  return read.kind === "ok" && isWhat(read.what, target);
};

describe("what a rule allows", () => {
  it.each<[string, Target, boolean]>([
    ["*", { action: "linux.reboot" }, true],
    ["linux.*", { action: "linux.reboot" }, true],
    ["linux.*", { action: "linuxx.reboot" }, false],
    ["linux.*", { action: "xlinux.reboot" }, false],
    ["linux.*", { action: "Linux.reboot" }, false],
    ["linux.*", { action: "linux." }, false],
    ["linux.*", { action: "linux" }, false],
    ["linux.reboot", { action: "linux.reboot" }, true],
    ["linux.reboot", { action: "linux.rebooting" }, false],
    ["linux.reboot", { action: "linux_reboot" }, false],
    ["linux.check_*", { action: "linux.check_disk" }, true],
    ["linux.check_*", { action: "linux.uncheck_disk" }, false],
    ["*.status", { action: "linux.status" }, true],
    ["*.status", { action: "linux.status.all" }, false],
    ["l*x.*t", { action: "linux.reboot" }, true],
    ["a*a.x", { action: "a.x" }, false],
    ["core.echo", { action: "core.echo", alias: "fun.say" }, true],
    ["alias:fun.say", { action: "core.echo", alias: "fun.say" }, true],
    ["alias:fun.say", { action: "fun.say" }, false],
    ["alias:fun.*", { action: "core.echo", alias: "fun.say" }, true],
    ["fun.say", { action: "core.echo", alias: "fun.say" }, false],
  ])("%s, %j: %s", (text, target, expected) => expect(is(text, target)).toBe(expected));

  it.each([
    "",
    "linux",
    ".x",
    "linux.",
    "a**.b",
    "l*i*x.a",
    "linux.*.*",
    "alias:core",
    "lin ux.a",
    "linux.r\u00e9boot",
    "linux.\u200b*",
    "(a+)+.x",
  ])("can't be %j", (text) => expect(parseWhat(text).kind).toBe("fault"));

  it("is found quickly, whatever is asked for", () => {
    const read = parseWhat("a*a.a*a");
    const long = "a".repeat(1_000_000);
    const before = performance.now();
    expect(read.kind === "ok" && isWhat(read.what, { action: `${long}.${long}b` })).toBe(false);
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it("overlaps with what something fits both of", () => {
    const part = fc.stringMatching(/^[ab]{0,2}\*?[ab]{0,2}$/).filter((text) => text !== "");
    const pattern = fc.tuple(part, part).map(([pack, name]) => `${pack}.${name}`);
    const ref = fc.stringMatching(/^[ab]{1,4}\.[ab]{1,4}$/);
    fc.assert(
      fc.property(pattern, pattern, ref, (a, b, action) => {
        const [one, other] = [parseWhat(a), parseWhat(b)];
        if (one.kind === "fault" || other.kind === "fault") throw new Error("must be readable");
        if (isWhat(one.what, { action }) && isWhat(other.what, { action })) expect(overlaps(one.what, other.what)).toBe(true);
      }),
    );
    const texts = ["linux.*", "linux.reboot", "*.reboot", "core.echo"].map((text) => parseWhat(text));
    const [pack, one, name, other] = texts.map((read) => (read.kind === "ok" ? read.what : undefined));
    expect(overlaps(pack!, one!) && overlaps(name!, pack!)).toBe(true);
    expect(overlaps(pack!, other!) || overlaps(name!, other!)).toBe(false);
  });
});
