import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openKeyring } from "@bellhop/service";
import { maskText, maskValue, openInput, streamMask } from "./secrets.ts";

test("sealed inputs are opened wherever they stand, and their texts are the secrets, longest first", async () => {
  const keyring = await openKeyring(join(mkdtempSync(join(tmpdir(), "keyring-")), "key"));
  const opened = openInput(
    { user: "ana", password: keyring.seal("hunter2"), nested: { token: keyring.seal({ a: "tok", b: ["hunter2-long", 12345] }) } },
    keyring,
  );
  expect(opened.input).toEqual({ user: "ana", password: "hunter2", nested: { token: { a: "tok", b: ["hunter2-long", 12345] } } });
  expect([...opened.sealed]).toEqual(["password", "nested"]);
  expect(opened.secrets).toEqual(["hunter2-long", "hunter2", "12345"]);
});

test("a secret is masked in text, in values, in names and as a number", () => {
  expect(maskText("a hunter2-long b hunter2", ["hunter2-long", "hunter2"])).toBe("a [secret] b [secret]");
  expect(maskValue({ "k-12345": [12345, { x: "is 12345" }], n: 1 }, ["12345"])).toEqual({
    "k-[secret]": ["[secret]", { x: "is [secret]" }],
    n: 1,
  });
});

test("a secret cut into pieces anywhere is masked", () => {
  const text = "xx hunhunter2 yy hunter2hunter2 zz hunte";
  for (let size = 1; size < text.length; size++) {
    const mask = streamMask(["hunter2"]);
    let seen = "";
    for (let at = 0; at < text.length; at += size) seen += mask.push(text.slice(at, at + size));
    expect(seen + mask.flush()).toBe("xx hun[secret] yy [secret][secret] zz hunte");
  }
});

test("wherever a text with secrets that overlap is cut, nothing of them is seen, and nothing else is missing", () => {
  const secrets = ["hunter2-long", "hunter2", "aaaa", "2-lo+"];
  const text = "hunter2-long hunter2-lo hunter2 aaaaaaaaa hunter2-lo+ aaa hunter2-lon";
  const whole = streamMask(secrets);
  const masked = whole.push(text) + whole.flush();
  expect(masked).toBe("[secret] [secret]-lo [secret] [secret][secret]a [secret]-lo+ aaa [secret]-lon");
  for (let size = 1; size < text.length; size++) {
    const mask = streamMask(secrets);
    let seen = "";
    for (let at = 0; at < text.length; at += size) seen += mask.push(text.slice(at, at + size));
    expect(seen + mask.flush()).toBe(masked);
  }
});
