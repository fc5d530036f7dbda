import type { Send } from "@bellhop/contracts";
import { webApi } from "@slack/bolt";
import { describe, expect, it } from "vitest";
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

it("says it in Slack's words, and pings nobody", () => {
  const text = "[docs](https://x.example/?a=1&b=2) for <!channel> and `<@U1>`";
  expect(toSlack({ ...send, body: { text, tone: "ok" } }).text).toBe(
    "docs (<https://x.example/?a=1&amp;b=2>) for &lt;!channel&gt; and `&lt;@U1&gt;`",
  );
});

it("shows a table as a table, and an edit without one takes it away", () => {
  const text = "Hosts:\n\n| host | load |\n|---|--:|\n| `a1` | <!here> |\n| b |\n";
  const cell = (said: string) => ({ type: "raw_text", text: said });
  expect(toSlack({ ...send, body: { text, tone: "ok" } })).toMatchObject({
    text: expect.stringContaining("a1"),
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: "Hosts:", verbatim: true } },
      {
        type: "table",
        rows: [
          [cell("host"), cell("load")],
          [cell("a1"), cell("<\u200b!here>")],
          [cell("b"), cell(" ")],
        ],
        column_settings: [{ align: "left" }, { align: "right" }],
      },
    ],
  });
  expect(toSlack(send, "update").blocks).toEqual([]);
});

it.each(["post", "update"] as const)("cuts what Slack would cut or refuse in a %s, and says so", (as) => {
  const { text } = toSlack({ ...send, body: { text: `\`\`\`\n${"&".repeat(20_000)}\n\`\`\``, tone: "ok" } }, as);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(as === "post" ? 39_100 : 3_900);
  expect(text).toMatch(/&amp;\n```\n\n… cut here: 20008 characters in all$/);
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
