import { Problem } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { mayObtain } from "./allowed.ts";
import { readSpec, sourceName } from "./spec.ts";

const at = { cwd: "/w", isFolder: (path: string) => path === "packs/deploy" || path === "deploy" };
const read = (text: string) => readSpec(text, at);
const head = { kind: "head" };

test.each([
  ["deploy", { kind: "npm", name: "deploy", wanted: "*", bare: true }],
  ["npm:deploy", { kind: "npm", name: "deploy", wanted: "*", bare: false }],
  ["deploy@1.2.0", { kind: "npm", name: "deploy", wanted: "1.2.0", bare: true }],
  ["@acme/pack-deploy@^2", { kind: "npm", name: "@acme/pack-deploy", wanted: "^2", bare: false }],
  ["npm:@acme/pack-deploy@next", { kind: "npm", name: "@acme/pack-deploy", wanted: "next", bare: false }],
  ["exchange:aws", { kind: "exchange", name: "aws" }],
  ["exchange:aws@1.0.0", { kind: "exchange", name: "aws", version: "1.0.0" }],
  ["aws=1.0.0", { kind: "exchange", name: "aws", version: "1.0.0" }],
  ["./deploy", { kind: "folder", path: "/w/deploy" }],
  ["../deploy", { kind: "folder", path: "/deploy" }],
  ["packs/deploy", { kind: "folder", path: "/w/packs/deploy" }],
  ["acme/deploy", { kind: "git", url: "https://github.com/acme/deploy.git", at: head }],
  ["github:acme/deploy#v1", { kind: "git", url: "https://github.com/acme/deploy.git", at: { kind: "ref", ref: "v1" } }],
  ["github:acme/deploy#semver:^1", { kind: "git", url: "https://github.com/acme/deploy.git", at: { kind: "range", range: "^1" } }],
  ["git+https://h.example/a.git#main", { kind: "git", url: "https://h.example/a.git", at: { kind: "ref", ref: "main" } }],
  ["https://h.example/a.git", { kind: "git", url: "https://h.example/a.git", at: head }],
  ["git+file:///r#x::path:packs/a", { kind: "git", url: "file:///r", at: { kind: "ref", ref: "x" }, folder: "packs/a" }],
  ["gist:0123456789abcdef0123", { kind: "git", url: "https://gist.github.com/0123456789abcdef0123.git", at: head }],
  ["git@h.example:acme/deploy.git", { kind: "git", url: "git@h.example:acme/deploy.git", at: head }],
  ["./deploy-1.0.0.tgz", { kind: "tarball", at: "/w/deploy-1.0.0.tgz" }],
  ["tarball:./deploy-1.0.0.tgz", { kind: "tarball", spec: "./deploy-1.0.0.tgz", at: "/w/deploy-1.0.0.tgz" }],
  ["folder:packs/deploy", { kind: "folder", spec: "packs/deploy", path: "/w/packs/deploy" }],
  ["https://h.example/deploy.tgz", { kind: "tarball", at: "https://h.example/deploy.tgz" }],
])("%s is read as what npm would take it for, or as one of ours", (text, expected) => {
  expect(read(text)).toEqual({ spec: text, ...expected });
});

test.each([
  "exchange:../x",
  "npm:./x",
  "tarball:./deploy",
  "x@npm:y",
  "git+https://h.example/a.git#--upload-pack=x",
  "git+https://h.example/a.git#main::path:../x",
  "git+https://h.example/acme%2f..%2fevil",
  "ftp://h.example/x.tgz",
  "github:",
  "github:acme",
  "github:/deploy",
  "@bad name",
])("%s is refused with the reason", (text) => {
  expect(() => read(text)).toThrow(Problem);
});

test("credentials in an address stand in no record", () => {
  for (const text of [
    "https://ana:secret@h.example/x.tgz?token=secret",
    "git+https://ana:secret@h.example/a.git#main",
    "https://x:secret@github.com/a/b.git",
  ]) {
    const source = read(text);
    expect(source.spec).not.toContain("secret");
    expect(sourceName(source)).not.toContain("secret");
  }
});

test("nor in what is said of one that is refused", () => {
  expect.assertions(2);
  for (const text of ["https://ana:secret@h.example/a%2fb.tgz?token=secret", "git+https://ana:secret@h.example/a%2fb"]) {
    try {
      read(text);
    } catch (error) {
      expect(String(error)).not.toContain("secret");
    }
  }
});

const yes = { kind: "yes" };
test.each([
  [["npm:@acme/*"], "@acme/pack-deploy", yes],
  [["npm:@acme/*"], "@evil/pack-deploy", "not-listed"],
  [["npm:@acme/*"], "@acme/pack-deploy@npm:x", undefined],
  [["npm:*"], "@evil/pack-deploy", yes],
  [["npm:pack-*"], "pack-deploy", yes],
  [["npm:pack-*"], "npm:pack-deploy", yes],
  [["git:https://github.com/acme/*"], "acme/deploy", yes],
  [["git:https://github.com/acme/*"], "git+https://user:x@github.com/acme/deploy.git#v1", yes],
  [["git:https://github.com/acme/*"], "git+https://github.com/acme/../evil/deploy.git", "not-listed"],
  [["git:https://github.com/acme/*"], "git+https://github.com.evil.example/acme/deploy", "not-listed"],
  [["git:https://github.com/acme/*"], "git+https://github.com@evil.example/acme/deploy", "not-listed"],
  [["git:https://github.com/acme/*"], "git+http://github.com/acme/deploy", "not-listed"],
  [["git:https://h.example/**"], "git+https://h.example/a/b/c.git", yes],
  [["git:ssh://git@h.example/acme/*"], "git@h.example:acme/deploy.git", yes],
  [["folder:/w/*"], "./deploy", yes],
  [["folder:/w/*"], "./deploy/../../srv/x", "not-listed"],
  [["folder:/w/*"], "./deploy/deeper", "not-listed"],
  [["tarball:https://h.example/packs/*.tgz"], "https://h.example/packs/x.tgz", yes],
  [["tarball:https://h.example/packs/*.tgz"], "https://h.example/packs/x.exe?y=.tgz", "not-listed"],
  [["exchange:*"], "exchange:aws", yes],
  [["exchange:*"], "aws", "not-listed"],
  [["npm:@acme/*", "exchange:aws"], "aws=1.0.0", yes],
  [[], "@acme/pack-deploy", "not-listed"],
  [["npm:a.b"], "npm:axb", "not-listed"],
])("with the sources %j, %s: %j", (sources, text, expected) => {
  const decide = () => mayObtain(read(text), { sources, requireSignature: false });
  if (expected === undefined) expect(decide).toThrow();
  else expect(decide()).toMatchObject(typeof expected === "string" ? { kind: "no", why: expected } : expected);
});

test("without a list everything may be had; where signatures are required, what nobody ever signs may not", () => {
  expect(mayObtain(read("./deploy"), { requireSignature: false })).toEqual(yes);
  expect(mayObtain(read("@acme/x"), { requireSignature: true })).toEqual(yes);
  for (const text of ["./deploy", "acme/deploy", "exchange:aws", "https://h.example/x.tgz"])
    expect(mayObtain(read(text), { requireSignature: true })).toMatchObject({ kind: "no", why: "never-signed" });
});
