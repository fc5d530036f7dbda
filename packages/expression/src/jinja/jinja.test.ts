import { describe, expect, test } from "vitest";
import { ExpressionError } from "../error.ts";
import { readJson, writeJson } from "../json.ts";
import { evaluateJinja, jinjaVariables, renderJinja, validateJinja } from "./index.ts";

const given = readJson(
  '{"s": "Hello World", "n": null, "i": 7, "f": 2.5, "t": true, "l": [3, 1, 2], "d": {"a": 1, "b": {"c": [10, 20]}}, "u": "zażółć 😀", "q": "it\'s \\"quoted\\"\\n\\ttab \\\\ slash", "people": [{"n": "al", "age": 30}, {"n": "bo", "age": 25},{"n":"Cy","age":30}], "empty": "", "big":12345678901234567890,"ml":"line1\\n\\nline2\\n","html":"<p>a &amp; <b>b</b></p>","long":"the quick brown fox-trot jumps over the lazy dog and well-known http://example.com/x things","neg":-3,"nested":[[1,2],[3,[4]],[]]}',
) as Readonly<Record<string, unknown>>;

/** What Jinja 3.1.6 makes of them on Python 3.11, in a sandbox with strict undefined and StackStorm's blanks. */
describe("templates give what they give in Python", () => {
  test.each<[template: string, text: string]>([
    ['{{ "%05d|%-5s|%+.2f|%x|%%" | format(42, "ab", 3.14159, 255) }}', "00042|ab   |+3.14|ff|%"],
    ['{{ "%(a)s-%(b)d" % {"a": 1, "b": 2} }}', "1-2"],
    ['{{ "{:>8}|{:<8}|{:^8}|{:08.3f}|{:,}".format("a","b","c",3.14159,1234567) }}', "       a|b       |   c    |0003.142|1,234,567"],
    ['{{ "{0[a]} {1.real} {x!r}".format(d, 5, x="q") }}', "1 5 'q'"],
    ['{{ "%s" % "a" }} {{ "%s %s" % (1, none) }} {{ "%r" % "a" }}', "a 1 None 'a'"],
    ['{{ "%d" % 3.7 }} {{ "%e" % 12345.678 }} {{ "%g" % 0.00001234 }} {{ "%g" % 1234567.0 }}', "3 1.234568e+04 1.234e-05 1.23457e+06"],
    ['{{ "%.3s" % "abcdef" }} {{ "%5.1f|" % 2.25 }} {{ "%c" % 65 }}', "abc   2.2| A"],
    ['{{ l | map("upper") | list }}', "['3', '1', '2']"],
    ['{{ people | groupby("age") }}', "[(25, [{'n': 'bo', 'age': 25}]), (30, [{'n': 'al', 'age': 30}, {'n': 'Cy', 'age': 30}])]"],
    ['{% for g in people | groupby("age") %}{{ g.grouper }}:{{ g.list | map(attribute="n") | join(",") }};{% endfor %}', "25:bo;30:al,Cy;"],
    ['{% for a, items in people | groupby("age") %}{{ a }}={{ items | length }} {% endfor %}', "25=1 30=2 "],
    ['{{ people | sort(attribute="age,n", reverse=true) | map(attribute="n") | list }}', "['Cy', 'al', 'bo']"],
    ['{{ people | map(attribute="x", default="-") | list }}', "['-', '-', '-']"],
    ['{{ d | dictsort }} {{ {"b":1,"A":2} | dictsort(by="value") }}', "[('a', 1), ('b', {'c': [10, 20]})] [('b', 1), ('A', 2)]"],
    [
      '{{ d | tojson }} {{ "<a\'&>" | tojson }} {{ [1,2.0,none,true,"ż"] | tojson(indent=2) }}',
      '{"a": 1, "b": {"c": [10, 20]}} "\\u003ca\\u0027\\u0026\\u003e" [\n  1,\n  2.0,\n  null,\n  true,\n  "\\u017c"\n]',
    ],
    ["{{ d | items | list }}", "[('a', 1), ('b', {'c': [10, 20]})]"],
    [
      '{{ l | batch(2, "x") | list }} {{ range(10) | slice(3) | list }} {{ range(10)|slice(3,"f")|list }}',
      "[[3, 1], [2, 'x']] [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]] [[0, 1, 2, 3], [4, 5, 6, 'f'], [7, 8, 9, 'f']]",
    ],
    ['{{ l | sum }} {{ people | sum(attribute="age") }} {{ [[1],[2]] | sum(start=[]) }}', "6 85 [1, 2]"],
    ['{{ ["b","A","a","B"] | unique | list }} {{ ["b","A","a","B"] | unique(true) | list }}', "['b', 'A'] ['b', 'A', 'a', 'B']"],
    ['{{ ["b","A","c"] | sort }} {{ ["b","A","c"] | sort(case_sensitive=true) }}', "['A', 'b', 'c'] ['A', 'b', 'c']"],
    [
      "{{ s | center(20) }}| {{ s | indent }} {{ ml | indent(2, true) }} {{ ml | indent(2, blank=true) }}",
      "    Hello World     | Hello World   line1\n\n  line2\n line1\n  \n  line2\n  ",
    ],
    [
      '{{ long | truncate(20) }} {{ long | truncate(20, true) }} {{ long | truncate(20, false, "!") }} {{ long|truncate(20, leeway=0) }}',
      "the quick brown... the quick brown f... the quick brown! the quick brown...",
    ],
    ["{{ long | wordwrap(20) }}", "the quick brown fox-\ntrot jumps over the\nlazy dog and well-\nknown\nhttp://example.com/x\nthings"],
    [
      "{{ long | wordwrap(7) }}",
      "the\nquick\nbrown\nfox-\ntrot\njumps\nover\nthe\nlazy\ndog and\nwell-\nknown h\nttp://e\nxample.\ncom/x\nthings",
    ],
    [
      "{{ long | wordwrap(7, false) }}",
      "the\nquick\nbrown\nfox-\ntrot\njumps\nover\nthe\nlazy\ndog and\nwell-\nknown\nhttp://example.com/x\nthings",
    ],
    ["{{ html | striptags }} {{ html | escape }} {{ html | e | length }}", "a & b &lt;p&gt;a &amp;amp; &lt;b&gt;b&lt;/b&gt;&lt;/p&gt; 51"],
    ['{{ "a b/c?d=é&" | urlencode }} {{ {"a": 1, "b c": "d&e"} | urlencode }}', "a%20b/c%3Fd%3D%C3%A9%26 a=1&b+c=d%26e"],
    [
      '{{ "42" | int }} {{ "x" | int(5) }} {{ "0x1f" | int(base=16) }} {{ "3.7" | int }} {{ none | int }} {{ "1_0" | int }}',
      "42 5 31 3 0 10",
    ],
    ['{{ "3.5" | float }} {{ "x" | float }} {{ 7 | float }} {{ "inf" | float }} {{ "1e5" | float }}', "3.5 0.0 7.0 inf 100000.0"],
    [
      "{{ 42.55 | round }} {{ 42.55 | round(1, \"floor\") }} {{ 2.5 | round }} {{ 3.5 | round | int }} {{ 42 | round }} {{ 42.123 | round(2) }} {{ 1234|round(-2) }} {{ 42.1 | round(0,'ceil')}}",
      "43.0 42.5 2.0 4 42 42.12 1200 43.0",
    ],
    [
      "{{ 1000000 | filesizeformat }} {{ 1 | filesizeformat }} {{ 13000 | filesizeformat(true) }} {{ 999 | filesizeformat }} {{ 1500000000 | filesizeformat }}",
      "1.0 MB 1 Byte 12.7 KiB 999 Bytes 1.5 GB",
    ],
    ['{{ s | title }} {{ "foo-bar (baz) it\'s" | title }} {{ "foo-bar it\'s".title() }}', "Hello World Foo-Bar (Baz) It's Foo-Bar It'S"],
    ['{{ "  x " | trim }}| {{ "xxaxx" | trim("x") }}', "x| a"],
    ["{{ l | reverse | list }} {{ s | reverse }}", "[2, 1, 3] dlroW olleH"],
    ['{{ l | join }} {{ people | join(", ", attribute="n") }} {{ s | join("-") }}', "312 al, bo, Cy H-e-l-l-o- -W-o-r-l-d"],
    ["{{ s | wordcount }} {{ [1,2] | string }} {{ none | string }}", "2 [1, 2] None"],
    [
      '{{ l | select("odd") | list }} {{ l | reject("odd") | list }} {{ l | select | list }} {{ l | select("gt", 1) | list }}',
      "[3, 1] [2] [3, 1, 2] [3, 2]",
    ],
    ['{{ people | rejectattr("age", "eq", 30) | list }}', "[{'n': 'bo', 'age': 25}]"],
    [
      '{{ 7 is odd }} {{ 7 is divisibleby 7 }} {{ 7 is divisibleby(2) }} {{ "a" is string }} {{ d is mapping }} {{ l is sequence }} {{ 1.0 is float }} {{ true is integer }} {{ true is number }} {{ none is none }} {{ "ABC" is upper }}',
      "True True False True True True True False True True True",
    ],
    [
      '{{ range is callable }} {{ s is iterable }} {{ i is iterable }} {{ 1 is sameas 1 }} {{ zz is undefined }} {{ 5 is in [5] }} {{ 5 is not in [5] }} {{ "upper" is filter }} {{ "odd" is test }} {{ 1 is boolean }} {{ d is sequence }}',
      "True True False True True True False True True False True",
    ],
    ["{% for x in l recursive %}{{ x }}{% endfor %}", "312"],
    ["{% for x in nested recursive %}{% if x is iterable %}[{{ loop(x) }}]{% else %}{{ x }}{% endif %}{% endfor %}", "[12][3[4]][]"],
    [
      '{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.cycle("a","b") }}{{ loop.changed(x) }} {% endfor %}',
      "1032TrueFalse31aTrue 2121FalseFalse31bTrue 3210FalseTrue31aTrue ",
    ],
    ['{% for x in l %}{{ loop.previtem | default("-") }}<{{ x }}>{{ loop.nextitem | default("-") }}{% endfor %}', "-<3>13<1>21<2>-"],
    ["{% for x in l if x > 1 %}{{ loop.index }}{{ x }}{% else %}none{% endfor %}", "1322"],
    ["{% for x in [] %}x{% else %}empty{% endfor %}", "empty"],
    ["{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "a=1;b={'c': [10, 20]};"],
    ["{% for a, b in [[1,2],[3,4]] %}{{ a+b }} {% endfor %}", "3 7 "],
    ["{% set a, b = 1, 2 %}{{ a }}{{ b }} {% set x %}<{{ i }}>{% endset %}{{ x }} {% set y | upper %}abc{% endset %}{{ y }}", "12 <7> ABC"],
    ["{% set x = 1 %}{% for q in l %}{% set x = x + q %}{{ x }} {% endfor %}{{ x }}", "4 2 3 1"],
    [
      "{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }} {{ m(1, 3, 4, 5, z=6) }} {{ m.name }} {{ m.arguments }}",
      "12(){} 13(5,){'z': 6} m ('a', 'b', 'c')",
    ],
    ["{% macro m(a) %}{{ a }}{{ caller(a) }}{% endmacro %}{% call(x) m(3) %}[{{ x }}]{% endcall %}", "3[3]"],
    ["{% macro fact(n) %}{% if n < 2 %}1{% else %}{{ n * fact(n-1) | int }}{% endif %}{% endmacro %}{{ fact(6) }}", "720"],
    ["{% with a=1, b=2 %}{{ a + b }}{% endwith %} {{ a is defined }}", "3 False"],
    ['{% filter upper | replace("A", "b") %}a{{ i }}c{% endfilter %}', "b7C"],
    ["{% block x %}in block {{ i }}{% endblock %}", "in block 7"],
    ["{% set ns = namespace(x=1) %}{% set ns.x = 5 %}{{ ns.x }} {{ ns.y is defined }}", "5 False"],
    ['{% set c = cycler("a","b") %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}', "abaa"],
    ['{% set j = joiner("|") %}{{ j() }}a{{ j() }}b', "a|b"],
    ["{% set q = [] %}{% for x in l %}{% set _ = q.append(x * 2) %}{% endfor %}{{ q }} {{ l }}", "[6, 2, 4] [3, 1, 2]"],
    ["{% set _ = l.append(9) %}{{ l }} {{ l.pop() }} {{ l.index(1) }} {{ l.count(3) }}", "[3, 1, 2, 9] 9 1 1"],
    [
      '{% set _ = d.update({"z": 1}) %}{{ d }} {{ d.pop("z") }} {{ d.get("q") }} {{ d.get("q", 4) }} {{ d.setdefault("w", 3) }}',
      "{'a': 1, 'b': {'c': [10, 20]}, 'z': 1} 1 None 4 3",
    ],
    [
      '{{ "a,b,,c".split(",") }} {{ " a  b ".split() }} {{ "a b c".split(" ", 1) }} {{ "a.b.c".rsplit(".", 1) }} {{ "a b  c".split(none, 1) }}',
      "['a', 'b', '', 'c'] ['a', 'b'] ['a', 'b c'] ['a.b', 'c'] ['a', 'b  c']",
    ],
    ['{{ "abc".replace("b", "x") }} {{ "aXbX".replace("X", "", 1) }} {{ "abc".replace("", "-") }}', "axc abX -a-b-c-"],
    [
      '{{ "abc".startswith("ab") }} {{ "abc".endswith(("x","c")) }} {{ "a-b".partition("-") }} {{ "a-b-c".rpartition("-") }}',
      "True True ('a', '-', 'b') ('a-b', '-', 'c')",
    ],
    [
      '{{ "abc".upper().lower().capitalize().center(9, "*") }} {{ "7".zfill(3) }} {{ "-7".zfill(4) }} {{ "a".ljust(3) }}|{{ "a".rjust(3) }}',
      "***Abc*** 007 -007 a  |  a",
    ],
    [
      '{{ "a1".isalnum() }} {{ "12".isdigit() }} {{ "ab".isalpha() }} {{ " ".isspace() }} {{ "Ab C".istitle() }} {{ "aB".swapcase() }}',
      "True True True True True Ab",
    ],
    [
      '{{ "xxabxx".strip("x") }} {{ "xxabxx".lstrip("x") }} {{ "abc".removeprefix("a") }} {{ "a\\tb".expandtabs(4) }} {{ "abcabc".count("b") }}',
      "ab abxx bc a   b 2",
    ],
    [
      "{{ 1 + true }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % -3 }} {{ 2 ** -1 }} {{ 2 ** 100 }} {{ 7.5 // 2 }} {{ 1e16 }} {{ 1.0e15 }} {{ 0.1 + 0.2 }} {{ 1/3 }}",
      "2 3 -4 -2 0.5 1267650600228229401496703205376 3.0 1e+16 1000000000000000.0 0.30000000000000004 0.3333333333333333",
    ],
    [
      "{{ big + 1 }} {{ big * big }} {{ big / 2 }} {{ big % 7 }} {{ -big }}",
      "12345678901234567891 152415787532388367501905199875019052100 6.172839450617284e+18 1 -12345678901234567890",
    ],
    [
      '{{ 1 == 1.0 }} {{ true == 1 }} {{ "1" == 1 }} {{ [1] == (1,) }} {{ {"a":1} == {"a":1.0} }} {{ none == none }}',
      "True True False False True True",
    ],
    [
      "{{ d.keys() }} {{ d.values() | list }} {{ d.b.keys() | list | first }} {{ d.items() | list | last }}",
      "dict_keys(['a', 'b']) [1, {'c': [10, 20]}] c ('b', {'c': [10, 20]})",
    ],
    ['{{ n | default("d") }} {{ n | default("d", true) }} {{ "" or "x" }} {{ 0 and zz }}', "None d x 0"],
    ["{{ [zz] }}", "[Undefined]"],
    ['{{ 1 if t else 2 }} {{ 1 if not t }} {{ "a" if false else "b" if false else "c" }}', "1  c"],
    [
      '{{ "a" "b" }} {{ \'x\\ty\' }} {{ "\\u00e9\\x41\\101" }} {{ "a\\qb" }} {{ 0x1F }} {{ 0b11 }} {{ 0o17 }} {{ 1_000 }} {{ 1.5e3 }}',
      "ab x\ty éAA a\\qb 31 3 15 1000 1500.0",
    ],
    [
      '{{ {1: 2, "a": none, true: 4} }} {{ {} }} {{ () }} {{ (1,) }} {{ [] }} {{ \'it"s\' }} {{ ["it\'s", \'q"q\', "b\'\\"b", "\\n", "\\x01", "é"] }}',
      "{1: 4, 'a': None} {} () (1,) [] it\"s [\"it's\", 'q\"q', 'b\\'\"b', '\\n', '\\x01', 'é']",
    ],
    [
      '{{ dict(a=1, **{"b": 2}) }} {{ dict([("x", 1)]) }} {{ range(5)[1:3] }} {{ range(0, 10, 3) | list }} {{ range(5, 0, -2) | list }} {{ range(3)[1] }}',
      "{'a': 1, 'b': 2} {'x': 1} range(1, 3) [0, 3, 6, 9] [5, 3, 1] 1",
    ],
    ["a {%- if t %} b {% endif -%} c", "a b c"],
    ["{% if t -%}  x  {%- endif %} y", "x y"],
    ["x  {#- c -#}  y", "xy"],
    ["{% raw -%}  {{ x }} {%- endraw %}!", "{{ x }}!"],
    ["{%+ if t %}x{% endif +%}", "x"],
    ["{% if f == 2.5 %}A{% elif i %}B{% else %}C{% endif %}", "A"],
    ["{% if zz is defined and zz.x %}A{% else %}B{% endif %}", "B"],
    ['{{ l | map("int") | sum }} {{ l | map("default", 1) | list }} {{ ["1","2"] | map("int", base=8) | list }}', "6 [3, 1, 2] [1, 2]"],
    ["{{ lipsum | string | length > 0 }}", "True"],
    ['{{ s | attr("upper") is callable }}', "True"],
    [
      '{{ {"a": {"b": [1, 2]}} | pprint }} {{ people | pprint }}',
      "{'a': {'b': [1, 2]}} [{'age': 30, 'n': 'al'}, {'age': 25, 'n': 'bo'}, {'age': 30, 'n': 'Cy'}]",
    ],
    [
      '{{ {"a": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "b": ["yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", "zzzzzzzzzzzzzzzzzzzzzzzz"]} | pprint }}',
      "{'a': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',\n 'b': ['yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy', 'zzzzzzzzzzzzzzzzzzzzzzzz']}",
    ],
    ['{{ {"class": "a b", "id": none, "x": "<>"} | xmlattr }}', ' class="a b" x="&lt;&gt;"'],
    [
      '{{ "see http://example.com/x, ok www.foo.org." | urlize }}',
      'see <a href="http://example.com/x" rel="noopener">http://example.com/x</a>, ok <a href="https://www.foo.org" rel="noopener">www.foo.org</a>.',
    ],
    [
      "{{ 'mail <a@b.com>, foo.com. (http://x.org/a(b)c) x@y.co.uk! tel:1 @b.com' | urlize(7, extra_schemes=['tel:']) }}",
      'mail &lt;<a href="mailto:a@b.com">a@b.com</a>&gt;, <a href="https://foo.com" rel="noopener">foo.com</a>. (<a href="http://x.org/a(b)c" rel="noopener">http://...</a>) x@y.co.uk! <a href="tel:1" rel="noopener">tel:1</a> @b.com',
    ],
    [
      "{{ 'http://[::1]:80/x http://[1:2:3:4:5:6:7:8] http://[::aaaaaaaaaaaaaaaaaaaaaaaaa]' | urlize }}",
      '<a href="http://[::1]:80/x" rel="noopener">http://[::1]:80/x</a> <a href="http://[1:2:3:4:5:6:7:8]" rel="noopener">http://[1:2:3:4:5:6:7:8]</a> http://[::aaaaaaaaaaaaaaaaaaaaaaaaa]',
    ],
    ["{{ 1, 2 }} {{ (1, 2) | first }}", "(1, 2) 1"],
    ['{{ [1, 2, 3][1:] | first }} {{ "abc"[1] | upper }} {{ {"a": [1]}["a"][0] }}', "2 B 1"],
    [
      "{{ 5 | string | length }} {{ 3.0 | string }} {{ 1e100 }} {{ 1e22 }} {{ 123456789012345678 }} {{ 1.0 }} {{ -0.0 }}",
      "1 3.0 1e+100 1e+22 123456789012345678 1.0 -0.0",
    ],
    ['{{ "abc" | replace("b", 1) }} {{ 123 | replace("2", "x") }} {{ l | replace("1", "x") }}', "a1c 1x3 [3, x, 2]"],
    [
      '{{ "{:d}".format(3) }} {{ "{:5.1f}|{:e}|{:g}|{:%}".format(1.25, 12345.678, 0.0001, 0.25) }} {{ "{:x} {:#x} {:b} {:o} {:c}".format(255,255,5,8,65) }} {{ "{:+d} {: d}".format(1,2) }} {{ "{:*^9}".format("a") }} {{ "{:_}".format(1234567) }}',
      "3   1.2|1.234568e+04|0.0001|25.000000% ff 0xff 101 10 A +1  2 ****a**** 1_234_567",
    ],
    [
      '{{ "{:{w}}|".format("a", w=5) }} {{ "{{}}".format() }} {{ "{a}".format(**{"a": 1}) }} {{ "{}".format([1, "a"]) }} {{ "{!r:>5}".format("a") }}',
      "a    | {} 1 [1, 'a']   'a'",
    ],
    ["{% macro a() %}{{ caller is defined }}{% endmacro %}{{ a() }}", "False"],
    ['{% set x = "a" %}{% if true %}{% set x = "b" %}{% endif %}{{ x }}', "b"],
    ["{% for i in [1] %}{{ i }}{% endfor %}{{ i }}", "17"],
    ['{{ people | map(attribute="n") | map("lower") | join("|") }}', "al|bo|cy"],
    ['{{ people | selectattr("n", "in", ["al", "bo"]) | map(attribute="age") | sum }}', "55"],
    [
      '{{ nested | sum(start=[]) }} {{ nested | map("length") | list }} {{ nested | map("first") | list }}',
      "[1, 2, 3, [4]] [2, 2, 0] [1, 3, Undefined]",
    ],
    ['{{ (l | sort)[0] }} {{ l | sort | first }} {{ (i + 1) | string ~ "x" }} {{ "a" ~ i | string }}', "1 1 8x a7"],
    [
      '{{ true | int }} {{ true + 1 }} {{ "a" == "a" and "b" }} {{ [] or {} or "z" }} {{ (1 in [1]) == true }} {{ 1 in [1] == true }}',
      "1 2 b z True False",
    ],
    [
      '{{ "a".join(d) }} {{ d | join(",") }} {{ d.items() | map("first") | list }} {{ d.b.c | map("string") | join }}',
      "aab a,b ['a', 'b'] 1020",
    ],
    ['{{ "Ab" | lower | upper | capitalize }} {{ "éa" | upper }} {{ "ß" | upper }}', "Ab ÉA SS"],
    ["{{ ml }}|{{ q }}", 'line1\n\nline2\n|it\'s "quoted"\n\ttab \\ slash'],
    ['{{ s|upper|lower()|replace("l","L",1) }}', "heLlo world"],
    ['{{ {"a":1}.a }} {{ {"a":1}.get("b") }} {{ [1,2].0 }}', "1 None 1"],
    ['{{ "a" if zz is defined else "b" }}', "b"],
    ["{{ not 1 == 2 }} {{ not true and false }}", "True False"],
    ['{{ "a\\nb" | indent(width="> ") }}', "a\n> b"],
    ["{{ 12345.678 | round(1) }} {{ 0.5|round }} {{ 1.5|round|int }} {{ -2.5|round }} {{ 2.675|round(2) }}", "12345.7 0.0 2 -2.0 2.67"],
    [
      '{{ "{}".format(1.0) }} {{ "%s" % 1.0 }} {{ "%f" % 1 }} {{ "%i" % 3 }} {{ "%05.1f" % 3.14159 }} {{ "%o" % 8 }} {{ "%X" % 255 }} {{ "%#x" % 255 }}',
      "1.0 1.0 1.000000 3 003.1 10 FF 0xff",
    ],
    ["{% for x in l %}\n  {{ x }}\n{% endfor %}\nend\n", "  3\n  1\n  2\nend"],
    ["  {% if t %}\n    a\n  {% endif %}\n  b {% if t %} c {% endif %}\n\n", "    a\n  b  c "],
    ["a\n  {# c #}\nb\n  {%- if t %}\n x\n{% endif -%}\n\n y", "a\nb x\ny"],
    ["{% raw %}\n  {{ x }}\n{% endraw %}\nz", "\n  {{ x }}\nz"],
    ["a\r\nb{{ i }}\r\n", "a\nb7"],
  ])("%s", (template, text) => {
    expect(renderJinja(template, { variables: given })).toBe(text);
  });
});

describe("templates fail where they fail in Python", () => {
  test.each([
    '{{ "%d" % "x" }}',
    '{{ l | min }} {{ l | max }} {{ people | max(attribute="age") }} {{ [] | max }}',
    "{{ s | first }} {{ l | last }} {{ [] | first }}",
    "{{ s | list }} {{ d | list }} {{ d | length }} {{ u | length }} {{ u[8] }} {{ u[::-1] }}",
    "{% for a, b in [[1,2,3]] %}{{ a+b }} {% endfor %}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    '{{ "abc".find("c") }} {{ "abc".index("z") }}',
    '{{ ml.splitlines() }} {{ ml.splitlines(true) }} {{ ", ".join(["a","b"]) }} {{ ",".join(l) }}',
    '{{ "a" * 3 }} {{ [1] * 2 }} {{ (1,) + (2,) }} {{ 3 * "ab" }} {{ [1] + (2,) }}',
    '{{ 1 < 2 < 3 }} {{ "a" < "b" }} {{ [1,2] < [1,3] }} {{ 1 < "a" }}',
    '{{ "b" in "abc" }} {{ "a" in d }} {{ 1 in d }} {{ 3 not in l }} {{ 1 in "abc" }}',
    "{{ l[0:2] }} {{ l[-1] }} {{ l[::-1] }} {{ l[5] }}",
    "{{ s[::2] }} {{ s[5:] }} {{ s[-3:] }} {{ (1,2,3)[1:] }} {{ s[100] }}",
    "{{ zz }}",
    '{{ zz | default("q") }} {{ zz.a | default("q") }}',
    "{{ n.x }}",
    "{{ i.x }}",
    "{{ -1 | abs }} {{ -f }} {{ +i }} {{ not t }} {{ -2 ** 2 }} {{ 2 ** 3 ** 2 }} {{ 10 - 2 - 3 }} {{ 2 + 3 ~ 4 * 2 }}",
    '{{ "%s"|format }} ',
    '{{ "a{}b{}".format(1) }}',
    "{{ s.foo }}",
    "{{ foo(1) }}",
    "{{ i() }}",
    "{% for x in range(3) %}{% if x == 1 %}{% continue %}{% endif %}{% endfor %}",
    "{% do l.append(1) %}",
    "{{ loop }}",
    '{% include "x" %}',
    '{% extends "x" %}',
    '{{ d | attr("a") }}',
    "{{ s.__class__ }}",
    '{{ d["__class__"] }}',
    "{{ d._x }}",
    '{{ "{0.__class__}".format(s) }}',
    '{{ ""|attr("__class__") }}',
    "{{ [].__len__() }}",
    '{{ "%s" % [1] }} {{ "%s" % d }} {{ "%(a)s" % d }} {{ "%d%%" % 5 }} {{ "%s %s" % 1 }}',
    '{{ "%s" % (1,2) }}',
    "{{ 10 | float / 4 }} {{ 10 // 3.0 }} {{ 5 % 3.0 }} {{ 2 ** 0.5 }} {{ 1 / 0 }}",
    '{{ "x" | foo }}',
    "{{ i is foo }}",
    "{{ i is divisibleby }}",
    '{{ "abc" | truncate(2) }} {{ s | truncate(5, end="") }}',
    "{{ s | truncate(1) }}",
    "{{ none | length }}",
    "{{ i | length }}",
    "{{ none | join }}",
    "{{ none + 1 }}",
    '{{ "a" - "b" }}',
    "{{ d.a.b.c }}",
    "{{ d.x.y }}",
    "{{ 1 is defined is true }}",
    "{{ range(200000) }}",
  ])("%s", (template) => {
    expect(() => renderJinja(template, { variables: given })).toThrow(ExpressionError);
  });
});

test("what comes in is never changed, also where the template changes it", () => {
  const before = writeJson(given);
  expect(renderJinja("{% set _ = l.append(9) %}{% set _ = d.b.c.pop() %}{{ l }}{{ d.b.c }}", { variables: given })).toBe(
    "[3, 1, 2, 9][10]",
  );
  expect(writeJson(given)).toBe(before);
});

test.each([
  "{{ s.constructor }}",
  "{{ s['constructor'] }}",
  "{{ d.__proto__ }}",
  "{{ d.toString }}",
  "{{ l.map }}",
  "{{ range.constructor }}",
  "{{ s | attr('constructor') }}",
  "{{ people | map(attribute='constructor') | list | join }}",
  "{{ '{0.constructor}'.format(s) }}",
  "{{ hasOwnProperty }}",
  "{{ s | valueOf }}",
])("nothing of the host can be reached: %s", (template) => {
  expect(() => renderJinja(template, { variables: given })).toThrow(ExpressionError);
});

test.each<[template: string, bound: RegExp]>([
  ["{{ 'a' * 100000000 }}", /characters of text/],
  ["{{ '%99999999d' % 1 }}", /characters of text/],
  ["{{ 'a'.ljust(99999999) }}", /characters of text/],
  ["{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", /steps/],
  ["{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", /levels of nesting/],
  ["{% set l = [] %}{% set _ = l.append(l) %}{{ l }}", /levels of nesting/],
  ["{{ 10 ** (10 ** 10) }}", /too large/],
  ["{% set ns = namespace(x=10) %}{% for i in range(60) %}{% set ns.x = ns.x * ns.x %}{% endfor %}", /too large/],
])("%s ends with the bound it meets", (template, bound) => {
  expect(() => renderJinja(template, { variables: given })).toThrow(bound);
});

test.each([
  "{{ s | upper(1) }}",
  "{{ s.upper(1) }}",
  "{{ s | list(sep='/') }}",
  "{{ d.keys(1) }}",
  "{{ s is string(1) }}",
  "{{ i | indent }}",
  "{{ l | indent }}",
  "{{ i | wordwrap }}",
  "{{ s | wordwrap(0) }}",
  "{{ s | wordwrap(-3, false) }}",
  "{{ i | truncate }}",
  "{{ s | trim(1) }}",
  "{{ 'a'.ljust(5, 'ab') }}",
  "{{ i[1:] }}",
  "{{ d[1:] }}",
])("%s is an error in Python, and here", (template) => {
  expect(() => renderJinja(template, { variables: given })).toThrow(ExpressionError);
});

test.each([
  ["{{ 2.0 is even }} {{ (10 ** 19) | float is even }} {{ 3.0 is odd }}", "True True True"],
  ["{{ [1] | tojson(indent='--') }}", "[\n--1\n]"],
  ["{{ 'a%%' % [] }}{{ 'b' % {} }}", "a%b"],
  ["{{ [1, 2] | truncate }} {{ {'a': 1} | truncate }}", "[1, 2] {'a': 1}"],
])("%s is %j", (template, text) => {
  expect(renderJinja(template, { variables: given })).toBe(text);
});

test("nothing is nothing however often it is taken", () => {
  expect(renderJinja("{{ [] * 10 ** 30 }}{{ '' * 10 ** 30 }}{{ () * 10 ** 30 }}", { variables: given })).toBe("[]()");
});

test("an error says where", () => {
  const error = errorOf(() => renderJinja("Hello {{ d.a + nobody }}", { variables: given }));
  expect(error.message).toBe("'nobody' is undefined");
  expect(error.caret).toBe("Hello {{ d.a + nobody }}\n               ^");
});

test("lenient is empty where strict is an error", () => {
  expect(renderJinja("[{{ zz }}]{% for x in zz %}{% endfor %}{{ zz == 1 }}", { variables: given, strict: false })).toBe("[]False");
  expect(() => renderJinja("{{ zz.y }}", { variables: given, strict: false })).toThrow("'zz' is undefined");
});

describe("a text with expressions", () => {
  test.each<[text: string, value: unknown]>([
    ["{{ i }}", 7],
    ["{{ l }}", [3, 1, 2]],
    ["i={{ i }}", "i=7"],
    ["{{ i }}{{ n }}", "7None"],
    ["{{ l | map('string') }}", ["3", "1", "2"]],
    ["{% raw %}{{ i }}{% endraw %} {{ i }}", "{{ i }} 7"],
    ["no expression", "no expression"],
  ])("%s", (text, value) => {
    expect(evaluateJinja(text, { variables: given })).toEqual(value);
  });

  test("is not read again in what it gives, unless that is the definition's own", () => {
    const variables = { said: "{{ 1 + 1 }}" };
    expect(evaluateJinja("{{ said }}", { variables })).toBe("{{ 1 + 1 }}");
    expect(evaluateJinja("{{ said }}", { variables, literals: new Set([variables.said]) })).toBe(2);
  });

  test("what an expression gives is data beside a raw block, too", () => {
    const variables = { said: "{{ secret }} {0} {% if 1 %}1{% endif %}", secret: "hunter2" };
    expect(evaluateJinja("{% raw %}{{ x }}{% endraw %} {{ said }}", { variables })).toBe(`{{ x }} ${variables.said}`);
    expect(evaluateJinja("{% if 1 %}{% raw %}{{ x }}{% endraw %} {{ said }}{% endif %}", { variables })).toBe(`{{ x }} ${variables.said}`);
  });

  test("names what is not there", () => {
    expect(() => evaluateJinja("{{ d.zz }}", { variables: given })).toThrow("There are unresolved variables: d.zz");
  });
});

test("what can't be read is told without running", () => {
  expect(validateJinja("{{ a b }}")).toMatchObject([{ expression: "{{ a b }}", position: 5 }]);
  expect(validateJinja("{% if a %}")).toHaveLength(1);
  expect(validateJinja("{{ a | nobody }}")).toEqual([]);
});

test("the names that are asked for", () => {
  expect(jinjaVariables("{{ ctx().b }} {{ ctx('a').x }} {{ ctx(c) }}")).toEqual(["a", "b", "c"]);
});

function errorOf(work: () => unknown): ExpressionError {
  try {
    work();
  } catch (error) {
    if (error instanceof ExpressionError) return error;
  }
  throw new Error("there was no error");
}
