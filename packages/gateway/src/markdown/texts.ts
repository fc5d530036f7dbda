import fc from "fast-check";

/** What {@link anyText} puts in as words. */
export const aWord = /Q[a-z]{1,6}[0-9]/g;

/** Texts made of what could mean something to one of the platforms, and of words that can be found again. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          "*",
          "_",
          "~",
          "`",
          "|",
          ">",
          "<",
          "#",
          "-",
          "+",
          "\\",
          "[",
          "]",
          "(",
          ")",
          "!",
          "@",
          "&",
          ":",
          ".",
          "1.",
          '"',
          "'",
          "/",
          "=",
        ),
      },
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          "**",
          "__",
          "~~",
          "``",
          "```",
          "~~~",
          "||",
          "](",
          "![",
          "- ",
          "> ",
          "# ",
          "-# ",
          "1. ",
          "- [x] ",
          "| a | b |\n|---|---|\n| c |",
          "    ",
          "\t",
          "&lt;",
          "&amp;",
          "\\`",
        ),
      },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          "<!channel>",
          "<!here>",
          "<@U1>",
          "<#C1>",
          "<!subteam^S1>",
          "@everyone",
          "@here",
          "<@&100000000000000001>",
          "<@100000000000000001>",
          "<#100000000000000001>",
          "</x:1>",
          "@room",
          "https://matrix.to/#/@erin:x.org",
          "https://MATRIX.to/#/!r:x",
          "(https://x.example/?a=1&b=<2>)",
          "(javascript:alert(1))",
          "(https://x.example/@everyone)",
          "<https://x.example>",
          "(https://matrix.to/#/@erin:x.org)",
          "www.x.example",
          "erin@x.example",
        ),
      },
      { weight: 5, arbitrary: fc.constantFrom("\n", "\n\n", " ", "  \n", "\n    ", "\n  ") },
      { weight: 6, arbitrary: fc.stringMatching(/^Q[a-z]{1,6}[0-9]$/) },
      { weight: 1, arbitrary: fc.constantFrom("😀", "漢", "é", "👩‍💻", "\u200b", "\ud800", "\0", "\r\n") },
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(""));

/** Some pages of it, with blocks that are longer than a message may be. */
export const longText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      anyText.filter((text) => !/\S{60}/.test(text)),
      fc
        .tuple(fc.constantFrom("```", "```ts", "~~~~ a b"), fc.integer({ min: 1, max: 60 }))
        .map(
          ([fence, lines]) =>
            `${fence}\n${'a < `b` && "*c*" '.repeat(lines)}\n${"  line\n".repeat(lines)}${fence.startsWith("~") ? "~~~~" : "```"}`,
        ),
      fc.integer({ min: 1, max: 300 }).map((n) => "**Qabc1 _Qdef2_ [Qghi3](https://x.example/p) <@U1> ".repeat(n).trim()),
      fc.integer({ min: 1, max: 100 }).map((n) => "- Qabc1 *Qdef2* 😀\n  1. Qghi3\n\n     Qjkl4\n".repeat(n)),
      fc.integer({ min: 1, max: 60 }).map((n) => `| Qabc1 | d\`e\`Qf2 |\n|---:|:-:|\n${"| <@U1> `x` | @everyone |\n".repeat(n)}`),
      fc.integer({ min: 1, max: 60 }).map((n) => "> Qabc1 & Qdef2\n".repeat(n)),
      fc.integer({ min: 1, max: 3_000 }).map((n) => "😀<".repeat(n)),
      fc.integer({ min: 1, max: 2_000 }).map((n) => `[a](https://x.example/${"p".repeat(n)})`),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((blocks) => blocks.join("\n\n"));
