import { expect, it } from "vitest";
import { writeDiscord } from "./discord.ts";
import { writeMatrix } from "./matrix.ts";
import { parse } from "./parse.ts";
import { writeSlack } from "./slack.ts";

const z = "\u200b";

interface Shown {
  slack: string;
  discord: string;
  html: string;
  body: string;
}

it.each<[markdown: string, Shown]>([
  [
    "**b** _i_ ~~s~~ `c`",
    {
      slack: "*b* _i_ ~s~ `c`",
      discord: "**b** _i_ ~~s~~ `c`",
      html: "<p><strong>b</strong> <em>i</em> <del>s</del> <code>c</code></p>",
      body: "**b** *i* ~~s~~ `c`",
    },
  ],
  [
    "# Title\n- one\n  - two\n- [x] done\n- [ ] open",
    {
      slack: "*Title*\n• one\n  • two\n• ☑ done\n• ☐ open",
      discord: "# Title\n- one\n  - two\n- ☑ done\n- ☐ open",
      html: "<h1>Title</h1><ul><li>one<ul><li>two</li></ul></li><li>☑ done</li><li>☐ open</li></ul>",
      body: "# Title\n- one\n  - two\n- ☑ done\n- ☐ open",
    },
  ],
  [
    "3. three\n4. four\n   ```sh\n   $ ls\n   ```\n5. five",
    {
      slack: "3. three\n4. four\n```\n$ ls\n```\n5. five",
      discord: "3. three\n4. four\n```sh\n$ ls\n```\n5. five",
      html: '<ol start="3"><li>three</li><li>four<pre><code class="language-sh">$ ls\n</code></pre></li><li>five</li></ol>',
      body: "3. three\n4. four\n```sh\n$ ls\n```\n5. five",
    },
  ],
  [
    "> a\n> b\n>\n> - c\n> ```\n> code\n> ```",
    {
      slack: "> a\n> b\n>\n> • c\n```\ncode\n```",
      discord: "> a\n> b\n>\n> - c\n> ```\n> code\n> ```",
      html: "<blockquote><p>a<br>b</p><ul><li>c</li></ul><pre><code>code\n</code></pre></blockquote>",
      body: "> a\n> b\n>\n> - c\n> ```\n> code\n> ```",
    },
  ],
  ["a\nb  \nc\n  d", { slack: "a\nb\nc\n  d", discord: "a\nb\nc\n  d", html: "<p>a<br>b<br>c<br>&nbsp;&nbsp;d</p>", body: "a\nb\nc\n  d" }],
  [
    "see [the log](https://x.example/?a=1&b=2) or [x](javascript:alert(1))",
    {
      slack: "see the log (<https://x.example/?a=1&amp;b=2>) or x (javascript:alert(1))",
      discord: "see the log (<https://x.example/?a=1&b=2>) or x (javascript:alert(1))",
      html: '<p>see the log (<a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>) or x (javascript:alert(1))</p>',
      body: "see the log (https://x.example/?a=1&b=2) or x (javascript:alert(1))",
    },
  ],
  [
    '![chart](https://x.example/c.png "of today")',
    {
      slack: 'chart (<https://x.example/c.png> "of today")',
      discord: 'chart (<https://x.example/c.png> "of today")',
      html: '<p>chart (<a href="https://x.example/c.png">https://x.example/c.png</a> "of today")</p>',
      body: 'chart (https://x.example/c.png "of today")',
    },
  ],
  [
    "https://x.example/a_b_c and me@x.example",
    {
      slack: "<https://x.example/a_b_c> and <mailto:me@x.example|me@x.example>",
      discord: "<https://x.example/a_b_c> and me@x.example",
      html: '<p><a href="https://x.example/a_b_c">https://x.example/a_b_c</a> and <a href="mailto:me@x.example">me@x.example</a></p>',
      body: "https://x.example/a_b_c and me@x.example",
    },
  ],
  [
    "| host | ok |\n|:--|--:|\n| `a1` | 漢 |\n| b | 10 |",
    {
      slack: "```\nhost |  ok\n-----+----\na1   |  漢\nb    |  10\n```",
      discord: "```\nhost |  ok\n-----+----\na1   |  漢\nb    |  10\n```",
      html: "<table><thead><tr><th>host</th><th>ok</th></tr></thead><tbody><tr><td><code>a1</code></td><td>漢</td></tr><tr><td>b</td><td>10</td></tr></tbody></table>",
      body: "```\nhost |  ok\n-----+----\na1   |  漢\nb    |  10\n```",
    },
  ],
  [
    "```ts\nif (a < b) `x`\n```\nafter",
    {
      slack: "```\nif (a &lt; b) `x`\n```\nafter",
      discord: "```ts\nif (a < b) `x`\n```\nafter",
      html: '<pre><code class="language-ts">if (a &lt; b) `x`\n</code></pre><p>after</p>',
      body: "```ts\nif (a < b) `x`\n```\nafter",
    },
  ],
  [
    "~~~ a note\n```\n~~~",
    {
      slack: `a note\n\`\`\`\n\`${z}\`${z}\`\n\`\`\``,
      discord: `a note\n\`\`\`\n\`${z}\`${z}\`\n\`\`\``,
      html: "<p>a note</p><pre><code>```\n</code></pre>",
      body: "a note\n````\n```\n````",
    },
  ],
  [
    "`` a`b `` and ***both***",
    {
      slack: "``` a`b ``` and _*both*_",
      discord: "`` a`b `` and _**both**_",
      html: "<p><code>a`b</code> and <em><strong>both</strong></em></p>",
      body: "`` a`b `` and ***both***",
    },
  ],
  [
    "<!channel> <@U1> @everyone @room <b>x</b> a & b",
    {
      slack: "&lt;!channel&gt; &lt;@U1&gt; @everyone @room &lt;b&gt;x&lt;/b&gt; a &amp; b",
      discord: `\\<!channel\\> \\<${z}@U1\\> @${z}everyone @room \\<b\\>x\\<${z}/b\\> a & b`,
      html: `<p>&lt;!channel&gt; &lt;@U1&gt; @everyone @${z}room &lt;b&gt;x&lt;/b&gt; a &amp; b</p>`,
      body: `<!channel> <@U1> @everyone @${z}room <b>x</b> a & b`,
    },
  ],
  [
    "- a\n\n  > q\n\n  b",
    {
      slack: "• a\n> q\n  b",
      discord: "- a\n> q\n  b",
      html: "<ul><li><p>a</p><blockquote><p>q</p></blockquote><p>b</p></li></ul>",
      body: "- a\n> q\n  b",
    },
  ],
  [
    "un**frigging**believable *a*b",
    {
      slack: `un${z}*frigging*${z}believable _a_${z}b`,
      discord: `un${z}**frigging**${z}believable _a_${z}b`,
      html: "<p>un<strong>frigging</strong>believable <em>a</em>b</p>",
      body: "un**frigging**believable *a*b",
    },
  ],
  [
    "2 * 3 * 4, *args, ~/a, snake_case_name, 1\\. x\n\n\\# no",
    {
      slack: `2 * 3 * 4, *${z}args, ~/a, snake_case_name, 1\\. x\n\n\\# no`,
      discord: "2 \\* 3 \\* 4, \\*args, \\~/a, snake\\_case\\_name, 1\\\\. x\n\n\\\\# no",
      html: "<p>2 * 3 * 4, *args, ~/a, snake_case_name, 1\\. x</p><p>\\# no</p>",
      body: "2 * 3 * 4, *args, ~/a, snake_case_name, 1\\. x\n\n\\# no",
    },
  ],
  [
    "*a ~/b ~/c `` ` `` `d",
    {
      slack: `*a ~${z}/b ~${z}/c \`\`\` \` \`\`\` ˋd`,
      discord: "\\*a \\~/b \\~/c `` ` `` \\`d",
      html: "<p>*a ~/b ~/c <code>`</code> `d</p>",
      body: "*a ~/b ~/c `` ` `` `d",
    },
  ],
])("%j", (markdown, expected) => {
  const blocks = parse(markdown);
  const { html, text } = writeMatrix(blocks, []);
  expect({ slack: writeSlack(blocks, []).text, discord: writeDiscord(blocks, []).text, html, body: text }).toEqual(expected);
});

it("mentions whom it is told to, where the words name them, and nobody in code or of another platform", () => {
  const blocks = parse("ask {@erin} or `{@erin}`, not {@eve} or {@all}");
  const mentions = [
    { token: "{@erin}", platformId: "U024BE7LH" },
    { token: "{@all}", platformId: "everyone" },
  ];
  expect(writeSlack(blocks, mentions)).toEqual({ text: "ask <@U024BE7LH> or `{@erin}`, not {@eve} or {@all}", mentions: ["U024BE7LH"] });
  expect(writeDiscord(blocks, mentions).mentions).toEqual([]);
  expect(writeDiscord(blocks, [{ token: "{@erin}", platformId: "100000000000000001" }])).toMatchObject({
    text: expect.stringMatching(/^ask <@100000000000000001> or `/),
    mentions: ["100000000000000001"],
  });
  expect(writeMatrix(blocks, [{ token: "{@erin}", platformId: "@erin:x.org" }])).toMatchObject({
    text: expect.stringMatching(/^ask @erin:x\.org or `/),
    html: expect.stringMatching(/^<p>ask <a href="https:\/\/matrix\.to\/#\/%40erin%3Ax\.org">@erin:x\.org<\/a> or <code>/),
    mentions: ["@erin:x.org"],
  });
});

it("passes no address off for another", () => {
  expect(writeSlack(parse("[https://bank.example](https://evil.example) <javascript:x> [x](https://a|b>c)"), []).text).toBe(
    "https://bank.example (<https://evil.example>) javascript:x x (https://a|b&gt;c)",
  );
});
