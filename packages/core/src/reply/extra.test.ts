import type { Outcome, Run } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { readExtra } from "./extra.ts";
import { fromMrkdwn } from "./mrkdwn.ts";
import { renderReply } from "./render.ts";

const names = { execution: { id: "r1", result: { host: "web1", load: 3 } }, result: { host: "web1" } };
const read = (extra: Record<string, unknown>, platform = "slack") => readExtra({ extra, platform, names });

describe("extra", () => {
  it("is filled with one budget, however many templates it has", () => {
    const dear = "{% for a in range(200) %}{% for b in range(200) %}{% endfor %}{% endfor %}dear";
    const fields = Array.from({ length: 10 }, () => ({ title: "t", value: dear }));
    const [card] = read({ slack: { title: dear, fields } }).cards;
    expect(card?.title).toBe("dear");
    expect(card?.fields?.at(-1)?.value).toBe("");
  });

  it("of Slack's first style is one card, every key a field of it", () => {
    const slack = {
      color: "danger",
      author_name: "Ops",
      author_link: "https://example.com",
      title: "{{ execution.result.host }}",
      title_link: "https://example.com/{{ execution.id }}",
      fields: [{ title: "Load", value: "*{{ execution.result.load }}*", short: true }],
      image_url: "https://example.com/a.png",
      thread_response: true,
    };
    expect(read({ slack }).cards).toEqual([
      {
        color: "#e01e5a",
        author: { name: "Ops", url: "https://example.com" },
        title: "web1",
        url: "https://example.com/r1",
        fields: [{ name: "Load", value: "**3**", short: true }],
        image: "https://example.com/a.png",
      },
    ]);
  });

  it("of Slack's second style is a card for each attachment, and its text where there are no other words", () => {
    const slack = {
      text: "*Done*",
      attachments: [{ text: "a &amp; b", color: "#00FF00" }, { pretext: "first", text: "then" }, { fallback: "short" }, {}],
    };
    expect(read({ slack })).toEqual({
      text: "**Done**",
      cards: [{ color: "#00ff00", text: "a & b" }, { text: "first\nthen" }, { text: "short" }],
    });
  });

  it("of Slack says under whose name it stands there, which shows nothing by itself", () => {
    const voice = { username: "{{ result.host }}", icon_emoji: "rocket", thread_response: false };
    expect(read({ slack: voice, cards: { title: "t" } })).toEqual({
      cards: [{ title: "t" }],
      native: { slack: { username: "web1", icon_emoji: ":rocket:" } },
    });
    expect(read({ slack: { ...voice, title: "s" } }, "discord")).toEqual({ cards: [{ title: "s" }] });
    expect(read({ slack: { username: `${"n".repeat(79)}\u{1f680}` } }).native).toEqual({ slack: { username: `${"n".repeat(79)}\ufffd` } });
    const blocks = [{ type: "divider" }];
    expect(read({ slack: { blocks, icon_url: "https://x.example/i.png" } }).native).toEqual({
      slack: { blocks, icon_url: "https://x.example/i.png" },
    });
  });

  it("of Slack's blocks stays what it is, filled", () => {
    const blocks = [{ type: "section", text: { type: "mrkdwn", text: "{{ execution.result.host }}" } }];
    expect(read({ slack: { blocks } }).native).toEqual({
      slack: { blocks: [{ type: "section", text: { type: "mrkdwn", text: "web1" } }] },
    });
  });

  it("is shown on every platform: its own first, then what is said for all, then another's", () => {
    const extra = {
      slack: { title: "for Slack" },
      discord: {
        embeds: [{ title: "for Discord", color: 65280, fields: [{ name: "a", value: "b", inline: true }], footer: { text: "f" } }],
      },
    };
    const titles = (more: Record<string, unknown> = {}) =>
      ["slack", "discord", "matrix", "terminal"].map((platform) => read({ ...extra, ...more }, platform).cards[0]?.title);
    expect(titles()).toEqual(["for Slack", "for Discord", "for Slack", "for Slack"]);
    expect(titles({ cards: { title: "for all" } })).toEqual(["for Slack", "for Discord", "for all", "for all"]);
    expect(read(extra, "discord").cards).toEqual([
      { title: "for Discord", color: "#00ff00", fields: [{ name: "a", value: "b", short: true }], footer: "f" },
    ]);
  });

  it("gives its colour to what has none", () => {
    expect(read({ color: "good", cards: [{ title: "a" }, { title: "b", color: "ff0000" }] }).cards.map(({ color }) => color)).toEqual([
      "#2eb67d",
      "#ff0000",
    ]);
  });

  it("that makes no sense is left out, and so is what can't be filled", () => {
    expect(read({ slack: "no" }).cards).toEqual([]);
    expect(read({ cards: [7, null, { title: "{{ x | nope }}", text: "fine", color: "bluish" }] }).cards).toEqual([{ text: "fine" }]);
  });

  it("is cut to what every platform takes", () => {
    const cards = read({ cards: Array.from({ length: 20 }, () => ({ title: "t".repeat(999), text: "x".repeat(9_999) })) }).cards;
    expect(JSON.stringify(cards).length).toBeLessThan(6_000);
    expect(cards[0]?.text).toHaveLength(3_000);
  });
});

describe("Slack's markup", () => {
  it.each([
    ["*bold* and a * b * c", "**bold** and a * b * c"],
    ["~gone~ _leaning_ 2*3*4", "~~gone~~ _leaning_ 2*3*4"],
    ["<https://a.b/c|label> <https://a.b>", "[label](https://a.b/c) <https://a.b>"],
    ["<@U1|ana> <#C1|ops> <!here>", "@ana #ops @here"],
    ["`*code*` &lt;b&gt; ```*x*```", "`*code*` <b> ```*x*```"],
  ])("%s", (mrkdwn, expected) => {
    expect(fromMrkdwn(mrkdwn)).toBe(expected);
  });
});

describe("a reply", () => {
  const run = (reply: Partial<Run["reply"]>): Run => ({
    v: 1,
    id: "R1",
    revision: 1,
    status: "succeeded",
    action: "p.a",
    reply: { enabled: true, ...reply },
    asker: { platform: "slack", id: "U1", name: "ana", kind: "human" },
    replyTo: { platform: "slack", account: "A", channel: "C" },
    answers: "m",
    tasks: {},
    applied: [],
    askedAt: "2026-01-01T00:00:00.000Z",
  });
  const said = (reply: Partial<Run["reply"]>, outcome: Outcome = { status: "succeeded" }, output: unknown = "ok") =>
    renderReply({ run: run(reply), outcome, output }).body;

  it.each([
    ["plain", { text: "plain" }],
    ["first {~} then {{ result }}", { text: "first", cards: [{ text: "then ok" }] }],
    ["{~} all of it", { text: "all of it" }],
    ["plain {~}", { text: "plain" }],
    ["a {~} b {~} c", { text: "a", cards: [{ text: "b" }] }],
    [`a {~} ${"b".repeat(2_500)}`, { text: `a\n${"b".repeat(2_500)}` }],
  ])("that says %j is split where it asks for it", (format, expected) => {
    expect(said({ format })).toEqual({ tone: "ok", ...expected });
  });

  it("puts what is set apart on the card of its extra, and calls nobody there", () => {
    const extra = { slack: { title: "T {{ asker.mention }}" } };
    expect(said({ format: "a {~} b", extra })).toEqual({ text: "a", tone: "ok", cards: [{ title: "T ana", text: "b" }] });
    expect(said({ extra })).toEqual({ text: "ok", tone: "ok", cards: [{ title: "T ana" }] });
  });

  it("of a failure is the author's where their words ask how it ended", () => {
    const failed: Outcome = { status: "failed" };
    const format = "{% if execution.status == 'failed' %}Broken: {{ result.stderr }}{% else %}fine{% endif %}";
    expect(said({ format }, failed, { stderr: "no disk" })).toEqual({ text: "Broken: no disk\nRun `R1`", tone: "error" });
    expect(said({ format: "fine: {{ result }}" }, failed, { stderr: "no disk" }).text).toContain("p.a failed");
  });
});
