import type { Send } from "@bellhop/contracts";
import { webApi } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import { toMrkdwn } from "./mrkdwn.ts";
import { resultOf, toSlack } from "./send.ts";

const send: Send = {
  v: 1,
  key: "01J/2/0",
  revision: 1,
  platform: "slack",
  account: "U0LAN0Z89",
  to: { platform: "slack", account: "U0LAN0Z89", space: "T061EG9R6", channel: "C0LAN2Q65", thread: "1763712000.000100" },
  body: { text: "Deployed: **api**", tone: "ok" },
  final: true,
};

it("posts in the thread, with the key where we can find it again", () => {
  expect(toSlack(send)).toEqual({
    channel: "C0LAN2Q65",
    text: "Deployed: *api*",
    thread_ts: "1763712000.000100",
    metadata: { event_type: "bellhop_send", event_payload: { key: "01J/2/0", revision: 1 } },
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  });
});

it("never posts nothing, which Slack refuses", () => {
  expect(toSlack({ ...send, body: { text: "", tone: "info" } }).text).not.toBe("");
});

describe("mrkdwn", () => {
  it.each([
    ["a & b < c > d", "a &amp; b &lt; c &gt; d"],
    ["<!channel> <@U1> <#C1>", "&lt;!channel&gt; &lt;@U1&gt; &lt;#C1&gt;"],
    ["**bold** and 2 ** 3", "*bold* and 2 ** 3"],
    ["# Title\n- one\n  - two", "*Title*\n• one\n  • two"],
    ["[docs](https://x.example/?a=1&b=2)", "<https://x.example/?a=1&amp;b=2|docs>"],
    ["[x](javascript:alert(1)) [y](!here)", "[x](javascript:alert(1)) [y](!here)"],
    ["[<!here>](https://x.example)", "<https://x.example|&lt;!here&gt;>"],
    ["`**x** <y>` **z**", "`**x** &lt;y&gt;` *z*"],
    ["```` `a` ```` `b", "```` `a` ```` `b"],
    ["\\\\host\\_share matches \\d\\.", "\\\\host\\_share matches \\d\\."],
    ["```ts\nif (a < b) { **c** }\n```\n**d**", "```\nif (a &lt; b) { **c** }\n```\n*d*"],
    ["~~~\n```\n~~~", "```\n`\u200b``\n```"],
    ["````\n```x```\n````", "```\n`\u200b``x`\u200b``\n```"],
    ["```\nopen", "```\nopen\n```"],
  ])("shows %j as %j", (markdown, expected) => {
    expect(toMrkdwn(markdown)).toBe(expected);
  });

  it("lets no text ping anybody, however it is put together", () => {
    const pieces = [
      "<",
      ">",
      "&",
      "!",
      "@",
      "#",
      "!here",
      "@U1",
      "`",
      "```",
      "\n",
      "[",
      "](https://x.example)",
      "]",
      "(",
      ")",
      "|",
      "**",
      "\\",
      "a",
      " ",
      "~~~",
      "# ",
      "&lt;",
    ];
    const random = seeded(20_261_121);
    for (let round = 0; round < 3_000; round++) {
      const text = Array.from({ length: 1 + random(40) }, () => pieces[random(pieces.length)]).join("");
      const shown = toMrkdwn(text, 100 + random(200));
      expect(shown.replaceAll(/<https:\/\/x\.example\|[^<>]*>/g, ""), text).not.toMatch(/[<>]/);
    }
  });

  it("cuts what Slack would cut, and says how much is missing", () => {
    const shown = toMrkdwn(`\`\`\`\n${"&".repeat(20_000)}\n\`\`\``);
    expect(shown.length).toBeLessThanOrEqual(39_000);
    expect(shown).toMatch(/&amp;\n```\n… \(cut here: \d+ more characters\)$/);
  });

  it.each(["`".repeat(60_000), "[".repeat(60_000), "**a".repeat(20_000), `# ${" ".repeat(60_000)}x`, "` `` ".repeat(12_000)])(
    "takes its time in proportion to the text: %#",
    (text) => {
      const before = performance.now();
      toMrkdwn(text);
      expect(performance.now() - before).toBeLessThan(1_000);
    },
  );
});

describe("what a failed call tells", () => {
  const platform = (error: string) => new webApi.WebAPIPlatformError({ ok: false, error });
  const request = (code: string) =>
    new webApi.WebAPIRequestError(new TypeError("fetch failed", { cause: Object.assign(new Error(), { code }) }));

  it.each([
    ["a limit", new webApi.WebAPIRateLimitedError(7), { kind: "unavailable", why: "ratelimited", retryAfterMs: 7_000 }],
    ["a no", platform("channel_not_found"), { kind: "refused", why: "channel_not_found" }],
    ["a token taken back", platform("token_revoked"), { kind: "unavailable", why: "token_revoked" }],
    ["an error of Slack's own", platform("internal_error"), { kind: "unsure", why: "internal_error" }],
    ["a page that is no answer", platform("<html>502</html>"), { kind: "unsure", why: "<html>502</html>" }],
    ["5xx", new webApi.WebAPIHTTPError(503, "", {}), { kind: "unsure", why: "HTTP 503" }],
    ["a closed port", request("ECONNREFUSED"), { kind: "unavailable", why: "ECONNREFUSED" }],
    ["a reset", request("ECONNRESET"), { kind: "unsure", why: "ECONNRESET" }],
    ["a time-out", new webApi.WebAPIRequestError(new DOMException("", "TimeoutError")), { kind: "unsure", why: "TimeoutError" }],
    ["anything else", new Error("what"), { kind: "unsure", why: "what" }],
  ])("%s", (_, error, expected) => {
    expect(resultOf(error)).toEqual(expected);
  });
});

/** Numbers from 0 to below n, the same in every run. */
function seeded(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}
