import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderShell, shellFault } from "./quote.ts";

const folder = mkdtempSync(join(tmpdir(), "bellhop-shell-"));

function run(command: string): string {
  return execFileSync("sh", ["-c", command], { cwd: folder, encoding: "utf8", env: { PATH: "/usr/bin:/bin", A: "a" } });
}

/** Text that breaks out of quotes where quoting is wrong, mixed with anything else. */
const piece = fc.oneof(
  fc.constantFrom(
    "'",
    '"',
    "`",
    "$",
    "\\",
    "\n",
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned;",
    "${A}",
    "#",
    "EOF",
    ")",
    "}",
    "!",
    "*",
    "~",
    "A",
  ),
  fc.string({ unit: "binary", maxLength: 4 }),
);
const hostile = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("").replaceAll("\0", ""));

/** Each place with what stands around the value in the output. */
const places: [template: string, before: string, after: string][] = [
  ["printf %s {{ x }}", "", ""],
  ["printf '%s' pre{{ x }}post", "pre", "post"],
  ["printf %s '<{{ x }}>'", "<", ">"],
  ['printf %s "<{{ x }}>"', "<", ">"],
  ['printf %s "$A{{ x }}B"', "a", "B"],
  ['printf %s "\\"{{ x }}\\""', '"', '"'],
  ['printf %s "$"{{ x }}', "$", ""],
  ['printf %s "${A}$(echo b){{ x }}`echo c`"', "ab", "c"],
  ["printf %s $A{{ x }}", "a", ""],
  ['X={{ x }}; printf %s "$X"', "", ""],
  ["# it's a comment\nprintf %s {{ x }}", "", ""],
  ["printf %s a#'b'{{ x }} # \" tail", "a#b", ""],
  ["cat <<EOF >/dev/null\nit's \"\nEOF\nprintf %s {{ x }}", "", ""],
  ['cat <<-EOF >/dev/null\n\tit\'s "\n\tEOF\nprintf %s "{{ x }}"', "", ""],
  ["printf %s \\'{{ x }}\\\"", "'", '"'],
  ["printf %s a\\\n{{ x }}", "a", ""],
];

describe("a value in a command", () => {
  it.each(places)("arrives verbatim and is no code in %j", (template, before, after) => {
    // Template by template in one shell each time would be slow: many values go through one.
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 20 }), (values) => {
        const commands = values.map((x) => {
          const rendered = renderShell(template, { x });
          if (rendered.kind === "refused") throw new Error(rendered.where);
          return `${rendered.text}\nprintf '\\001'\n`;
        });
        expect(run(commands.join(""))).toBe(values.map((x) => `${before}${x}${after}\u0001`).join(""));
        expect(readdirSync(folder)).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["f {{ gone }} {{ n }} {{ list | tojson }}", { gone: null, n: 3, list: ["a", 1] }, `f 'None' '3' '["a", 1]'`],
    ["f {{ x | upper }} {{ x | default('y') }}", { x: "a'b" }, `f 'A'\\''B' 'a'\\''b'`],
    ["f{% if x %} -x {{ x }}{% endif %}{% if y %} -y {{ y }}{% endif %}", { x: "; id", y: "" }, "f -x '; id'"],
    ["f{% for x in list %} {{ x }}{% endfor %}", { list: ["$(id)", "b c"] }, "f '$(id)' 'b c'"],
    ["f {{ '-v ' if v else '-q' }}{{ '| wc' if not v }}", { v: false }, "f -q| wc"],
    [`{% if v %}f '{% else %}f "{% endif %}{{ x }}{% if v %}'{% else %}"{% endif %}`, { v: true, x: "a'b" }, `f 'a'\\''b'`],
    ["{% set c %}rm {{ x }}{% endset %}f {{ c }}", { x: "'" }, `f 'rm '\\'''`],
    ["{% macro m(a) %}-a {{ a }}{% endmacro %}f {{ m(x) }}", { x: "; id" }, "f '-a ; id'"],
    ["f {% filter upper %}a; {{ x }}{% endfilter %}", { x: "b" }, "f 'A; B'"],
    ["{% set all = [] %}{{ 'f' if all.append(x) == none }} {{ all[0] }}", { x: "; id" }, "f '; id'"],
  ])("is what Jinja makes of it in %j", (template, names, command) => {
    expect(renderShell(template, names)).toEqual({ kind: "ok", text: command });
  });

  it.each([
    ["echo $(cat {{ x }})", 11, "in $(…)"],
    ['echo "$(cat {{ x }})"', 12, "in $(…)"],
    ["echo `cat {{ x }}`", 10, "in backticks"],
    ["echo ${A:-{{ x }}}", 10, "in ${…}"],
    ["echo # {{ x }}", 7, "in a comment"],
    ["cat <<EOF\n{{ x }}\nEOF\n", 10, "in a here-document"],
    ["cat <<{{ x }}\n", 6, "as the end of a here-document"],
    ["echo \\{{ x }}", 6, "after a backslash"],
    ['echo "\\{{ x }}"', 7, "after a backslash"],
    ["echo ${{ x }}", 6, "after a dollar sign"],
    ["echo $'a' {{ x }}", 10, "after $'"],
    ["(( {{ x }} ))", 3, "after (("],
    ["a[{{ x }}]=1", 2, "in the index of an array"],
    ["a['{{ x }}']=1", 3, "in the index of an array"],
    ['a["y{{ x }}"]=1', 4, "in the index of an array"],
    ["echo a\u00a0#don't\necho {{ x }}", 19, "after white space that is none to shells"],
    ["echo \"$(case a in a) echo '{{ x }}';; esac)\"", 27, "after a $(…) with a case, a comment, backticks, ${…} or a here-document"],
    ["echo ${A:-'}'} {{ x }}", 15, "after a ${…} with quotes or further expansions"],
    ["cat <<'EOF'\nEOF\necho {{ x }}", 21, "after a here-document with a quoted end"],
    ["cat <<EOF\n$(echo\nEOF\necho {{ x }}", 26, "after a here-document with expansions"],
    ["echo {{ x | uper }}", 5, "in a command"],
    ["echo {{ x", 5, "in a command"],
  ])("is refused with the place in %j", (template, offset, where) => {
    expect(shellFault(template)).toMatchObject({ offset, where });
    expect(renderShell(template, { x: "harmless" })).toMatchObject({ kind: "refused", offset, where });
  });

  it("is refused on the way where it can't stand, of several", () => {
    const template = "{% if x %}echo $({% endif %}{{ x }}{% if x %}){% endif %}";
    expect(shellFault(template)).toBeUndefined();
    expect(renderShell(template, { x: "harmless" })).toMatchObject({ kind: "refused", offset: 28, where: "in $(…)" });
  });

  it("is refused where it holds a NUL character, which no process can be given", () => {
    expect(renderShell("echo {{ x }}", { x: "a\0b" })).toMatchObject({ kind: "refused", offset: 5 });
  });
});

describe("whatever the command is", () => {
  const shellText = fc
    .array(
      fc.constantFrom(
        "'",
        '"',
        "\\",
        "$",
        "`",
        "(",
        ")",
        "{",
        "}",
        "#",
        " ",
        "\n",
        "a",
        ";",
        "<<E",
        "\nE\n",
        "$(",
        "${",
        "<",
        "-",
        "[",
        "echo ",
        "{{ x }}",
        "{{ x }}",
      ),
      { maxLength: 14 },
    )
    .map((pieces) => pieces.join(""));

  it("a value that is not refused is no code", () => {
    fc.assert(
      fc.property(
        shellText,
        fc.constantFrom("\ntouch pwned\n", "';touch pwned;'", '";touch pwned;"', "$(touch pwned)", "`touch pwned`"),
        (template, x) => {
          const rendered = renderShell(template, { x });
          if (rendered.kind === "refused" || rendered.text === template) return;
          try {
            execFileSync("sh", ["-c", rendered.text], { cwd: folder, stdio: "ignore", timeout: 5_000, env: { PATH: "/usr/bin:/bin" } });
          } catch {
            // Most of these commands are no good commands; what counts is what they did not do.
          }
          expect(readdirSync(folder)).not.toContain("pwned");
        },
      ),
      { numRuns: 200 },
    );
  });
});
