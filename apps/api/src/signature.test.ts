import { createHmac } from "node:crypto";
import { Secret } from "@bellhop/service";
import { expect, test } from "vitest";
import type { HookConfig } from "./config.ts";
import { signatureFault } from "./signature.ts";

const body = Buffer.from('{"ref":"main"}');
const now = Date.parse("2026-03-01T12:00:00Z");
const stamp = (seconds: number) => String(now / 1000 + seconds);
const sign = (secret: string, text: string | Uint8Array = body, how = "sha256") => createHmac(how, secret).update(text);
const hex = (secret = "new") => sign(secret).digest("hex");
const slack = (secret: string, when: string) => ({
  "X-Slack-Request-Timestamp": when,
  "X-Slack-Signature": `v0=${sign(secret, `v0:${when}:${body.toString()}`).digest("hex")}`,
});
const fits = undefined;
const differs = (header: string) => `${header} does not fit the body`;
const github = "X-Hub-Signature-256";

test.each<[HookConfig["signature"], what: string, Record<string, string>, string | undefined]>([
  ["github", "the secret", { [github]: `sha256=${hex()}` }, fits],
  ["github", "the secret before it", { [github]: `sha256=${hex("old")}` }, fits],
  ["github", "another secret", { [github]: `sha256=${hex("other")}` }, differs(github)],
  ["github", "no secret", { [github]: `sha256=${hex("")}` }, differs(github)],
  ["github", "capitals", { [github]: `sha256=${hex().toUpperCase()}` }, fits],
  ["github", "nothing before it", { [github]: hex() }, differs(github)],
  ["github", "half of it", { [github]: `sha256=${hex().slice(0, 32)}` }, differs(github)],
  ["github", "nothing behind the name", { [github]: "sha256=" }, differs(github)],
  ["github", "two of them", { [github]: `sha256=${hex()}, sha256=${hex()}` }, differs(github)],
  [
    "github",
    "SHA-1, which can be forged",
    { "X-Hub-Signature": `sha1=${sign("new", body, "sha1").digest("hex")}` },
    `${github} is missing`,
  ],
  ["github", "SHA-1 by the other's name", { [github]: `sha1=${sign("new", body, "sha1").digest("hex")}` }, differs(github)],
  ["slack", "the secret", slack("new", stamp(0)), fits],
  ["slack", "the secret before it", slack("old", stamp(0)), fits],
  ["slack", "five minutes ago", slack("new", stamp(-300)), fits],
  ["slack", "longer ago", slack("new", stamp(-301)), "X-Slack-Request-Timestamp is more than 300 seconds away"],
  ["slack", "a time to come", slack("new", stamp(301)), "X-Slack-Request-Timestamp is more than 300 seconds away"],
  [
    "slack",
    "another time than was signed",
    { ...slack("new", stamp(-1)), "X-Slack-Request-Timestamp": stamp(0) },
    differs("X-Slack-Signature"),
  ],
  ["slack", "no time", { "X-Slack-Signature": slack("new", stamp(0))["X-Slack-Signature"] }, "X-Slack-Request-Timestamp is missing"],
  ["slack", "a time that is none", slack("new", "1e9"), "X-Slack-Request-Timestamp is missing"],
  ["generic", "base64", { "X-Mine": sign("new").digest("base64") }, fits],
  ["generic", "hexadecimal", { "X-Mine": hex("old") }, fits],
  ["generic", "with its name", { "X-Mine": `sha256=${hex()}` }, fits],
  ["generic", "another secret", { "X-Mine": hex("other") }, differs("X-Mine")],
  ["generic", "none", {}, "X-Mine is missing"],
])("%s: a body with %s", (signature, _, headers, fault) => {
  const hook: HookConfig = { signature, secrets: [new Secret("new"), new Secret("old")], header: "X-Mine" };
  expect(signatureFault({ hook, headers: new Headers(headers), body, now })).toBe(fault);
});
