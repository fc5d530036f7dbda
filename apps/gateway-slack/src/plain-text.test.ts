import { expect, it } from "vitest";
import { plainText } from "./plain-text.ts";

it.each([
  ["a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"],
  ["<http://x.example|x.example>", "x.example"],
  ["<https://x.example/>", "https://x.example/"],
  ["<https://evil.example|the docs>", "[the docs](https://evil.example)"],
  ["<mailto:ana@x.example|ana@x.example>", "ana@x.example"],
  ["ask <@U123> or <@U123|ana>", "ask @U123 or @U123"],
  ["in <#C1|general>, <#C2>", "in #general, #C2"],
  ["<!here> <!subteam^S1|@ops> <!date^1392734382^{date}|yesterday>", "@here @ops yesterday"],
  ["&lt;@U123&gt;", "<@U123>"],
])("shows %j as %j", (text, expected) => {
  expect(plainText(text)).toBe(expected);
});
