import { describe, expect, it } from "vitest";
import { shellDoubts } from "./doubts.ts";

describe("a value that is read as code once more", () => {
  it.each([
    ["sh -c 'echo {{ x }}'", 12, "sh -c", "code"],
    ['sudo -u app /bin/bash -euc "echo {{ x }}"', 33, "bash -euc", "code"],
    ["find . | xargs sh -c {{ x }}", 21, "sh -c", "code"],
    ["su app -c 'echo {{ x }}'", 16, "su -c", "code"],
    ["python3 -c 'print({{ x }})'", 18, "python3 -c", "code"],
    ["perl -ne 'print if /{{ x }}/'", 20, "perl -ne", "code"],
    ["true && eval echo {{ x }}", 18, "eval", "code"],
    ['c={{ x }}; eval "$c"', 2, "eval", "code"],
    ['ssh host "echo {{ x }}"', 15, "ssh", "remote"],
    ["ssh -i key -p 22 host ls {{ x }}", 25, "ssh", "remote"],
    ["[[ {{ x }} -gt 1 ]]", 3, "[[ … -gt … ]]", "number"],
    ["[[ 1 -le '{{ x }}' ]] && echo yes", 10, "[[ … -le … ]]", "number"],
    ["n={{ x }}; [[ $n -eq 1 ]]", 2, "[[ … -eq … ]]", "number"],
    ["n={{ x }}\necho $((n + 1))", 2, "$((n))", "number"],
    ["n={{ x }}; if (( n > 1 )); then echo; fi", 2, "((n))", "number"],
    ["{% if x %}sh -c 'echo {{ x }}'{% endif %}", 22, "sh -c", "code"],
  ] as const)("is told of: %j", (template, offset, reader, as) => {
    expect(shellDoubts(template)).toEqual([{ offset, expression: "{{ x }}", reader, as }]);
  });

  it.each([
    "echo {{ x }}",
    `sh -c 'echo "$1"' sh {{ x }}`,
    "sh {{ x }}",
    "printf %s {{ x }} | ssh host cat",
    "ssh {{ x }} uptime",
    "ssh -o User={{ x }} host uptime",
    "[ {{ x }} -gt 1 ]",
    "[[ {{ x }} == y ]]",
    "n={{ x }}; echo $((m + 1)) $n",
    "echo '\\' sh -c; echo {{ x }}",
    "echo {{ x",
  ])("is none of those in %j", (template) => {
    expect(shellDoubts(template)).toEqual([]);
  });
});
