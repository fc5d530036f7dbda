import { describe, expectTypeOf, test } from "vitest";
import type { z } from "./index.ts";
import type { FormatFault, TemplateFault } from "./template.ts";

interface Seen {
  readonly asker: { readonly name: string };
  readonly result: {
    readonly url: string;
    readonly note?: { readonly text: string } | null | undefined;
    readonly hosts: readonly { readonly name: string; readonly "last-seen": string }[];
    readonly headers: Record<string, string>;
    readonly byCode: Record<number, { readonly count: number }>;
    readonly body: unknown;
    readonly outcome: { readonly kind: "ok"; readonly id: number } | { readonly kind: "failed"; readonly why: string };
    readonly pair: readonly [string, { readonly left: string }];
    readonly tree: Tree;
    readonly json: z.core.util.JSONType;
  };
}
interface Tree {
  readonly name: string;
  readonly inner?: Tree;
}

type Hundred<Text extends string, All extends string = "", Count extends readonly 0[] = []> = Count["length"] extends 100
  ? All
  : Hundred<Text, `${All}${Text}`, [...Count, 0]>;

describe("a template", () => {
  test("may ask for whatever its type has", () => {
    type Fine =
      | "no template at all"
      | "{{ result }} {{asker.name}}"
      | "{{ result.url }}{{ result.note.text }}"
      | "{{\tresult.hosts[0].name }} {{ result.hosts.0.name }} {{ result.hosts | length }}"
      | "{{ result.hosts[0]['last-seen'] }} {{ result['url'] }} {{ result[\"url\"] }}"
      | "{{ result.headers.anything }} {{ result.headers['content-type'] }}"
      | "{{ result.byCode[404].count }}"
      | "{{ result.body }} {{ result.body.any.thing[3] }}"
      | "{{ result.outcome.kind }} {{ result.outcome.id }} {{ result.outcome.why }}"
      | "{{ result.pair[1].left }}"
      | "{{ result.tree.inner.inner.inner.name }}"
      | "{{ result.json.a[0].b }}"
      | "{{ result.url | upper }} {{ result.gone | default('-') }} {{ result.hosts[0].name ~ '!' }} {{ 'text' }} {{ 1 + 2 }} {{ [1, 2] | join }}"
      | "{{ result.url if result.note else 'none' }} {{ result.url.upper() }} {{ asker['name'] | e }}"
      | "{% for host in result.hosts %}{{ loop.index }} {{ host.name }}{% endfor %}";
    expectTypeOf<TemplateFault<Fine, Seen>>().toEqualTypeOf<never>();
    expectTypeOf<TemplateFault<string, Seen>>().toEqualTypeOf<never>();
    // Longer than what a compiler follows of a plain recursion.
    expectTypeOf<TemplateFault<Hundred<"{{ result.url }}">, Seen>>().toEqualTypeOf<never>();
    expectTypeOf<TemplateFault<"{{ result.any.thing }}", { result: unknown }>>().toEqualTypeOf<never>();
  });

  test("is told what there is where it asks for something else", () => {
    expectTypeOf<
      TemplateFault<"{{ output.url }}", { result: unknown }>
    >().toEqualTypeOf<"There is no output to be shown; there are: result">();
    expectTypeOf<TemplateFault<"{{ asker.name }} {{ asker.nam }}", Seen>>().toEqualTypeOf<"asker has no field nam; there are: name">();
    expectTypeOf<TemplateFault<"{{ result.note.texts }}", Seen>>().toEqualTypeOf<"result.note has no field texts; there are: text">();
    expectTypeOf<TemplateFault<"{{ result.url.length }}", Seen>>().toEqualTypeOf<"result.url has no fields">();
    expectTypeOf<
      TemplateFault<"{{ result.hosts.name }}", Seen>
    >().toEqualTypeOf<"result.hosts is a list: say which of it, as in result.hosts[0]">();
    expectTypeOf<TemplateFault<"{{ result.pair[1].right }}", Seen>>().toEqualTypeOf<"result.pair.1 has no field right; there are: left">();
    expectTypeOf<
      TemplateFault<"{{ result.tree.inner.nam }}", Seen>
    >().toMatchTypeOf<`result.tree.inner has no field nam; there are: ${string}`>();
    expectTypeOf<
      TemplateFault<"{{ result.note.texts | upper }}", Seen>
    >().toEqualTypeOf<"result.note has no field texts; there are: text">();
    expectTypeOf<
      TemplateFault<"{{ result.hosts.length }}", Seen>
    >().toEqualTypeOf<"result.hosts is a list: {{ result.hosts | length }} says how long">();
    expectTypeOf<
      TemplateFault<"{% if asker.name %}{{ asker.nam }}{% endif %}", Seen>
    >().toEqualTypeOf<"asker has no field nam; there are: name">();
    expectTypeOf<TemplateFault<"{{ result.outcome.what }}", Seen>>().not.toEqualTypeOf<never>();
  });

  test("is told of each path that leads nowhere", () => {
    expectTypeOf<
      TemplateFault<"{{ result.x }}{{ asker.name }}{{ result.y.z }}", { asker: { name: string }; result: { url: string } }>
    >().toEqualTypeOf<"result has no field x; there are: url" | "result has no field y; there are: url">();
  });
});

test("a format is told which inputs there are", () => {
  expectTypeOf<FormatFault<"deploy {{ service }} {{a=b=c}} (?P<b>x)", "service" | "a" | "b">>().toEqualTypeOf<never>();
  expectTypeOf<FormatFault<"{{ a }} {{ servise = x }}", "a">>().toEqualTypeOf<"{{ servise }} is no input of the action; there are: a">();
  expectTypeOf<FormatFault<"{{ a }}", never>>().toEqualTypeOf<"{{ a }} is no input of the action; there are: none">();
});
