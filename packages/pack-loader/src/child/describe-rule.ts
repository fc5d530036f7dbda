import type { RuleDefinition } from "@bellhop/contracts";
import { z, type AnyRule } from "@bellhop/sdk";
import { complaintsOf } from "./complaints.ts";
import type { Described, Exported } from "./describe.ts";

/** A rule as data. */
export function describeRule(rule: AnyRule, where: Exported): Described<RuleDefinition> {
  const { pack, name, source } = where;
  const { spec } = rule;
  const { problems, at, complain } = complaintsOf(source);
  const action = typeof spec.action === "string" ? spec.action : where.refOf(spec.action);
  if (action === undefined) {
    const hint = 'Import it from its file in actions/, or name any action by its ref: "pack.name".';
    complain(["action"], "The action of this rule is none of this pack.", hint);
  }
  const read = Facts.safeParse(spec);
  for (const issue of read.error?.issues ?? []) {
    const [word = ""] = issue.path.map(String);
    const value: unknown = Object.entries(spec).find(([one]) => one === word)?.[1];
    complain([word], `${word} is ${JSON.stringify(value) ?? "missing"}.`, hints[word] ?? issue.message);
  }
  const facts: z.infer<typeof Facts> = read.data ?? { trigger: `${pack}.` };
  const tags = Object.entries(facts.tags ?? {}).map(([tag, value]) => ({ name: tag, value }));
  const definition: RuleDefinition = {
    ref: `${pack}.${name}`,
    pack,
    name,
    description: facts.description ?? "",
    enabled: facts.enabled ?? true,
    type: facts.backstop === true ? "backstop" : "standard",
    trigger: { type: facts.trigger, parameters: facts.parameters ?? {} },
    criteria: facts.criteria ?? {},
    action: { ref: action ?? `${pack}.`, parameters: facts.input ?? {} },
    ...(tags.length === 0 ? {} : { tags }),
    source: { file: source.path, ...at([]) },
  };
  return { extracted: { definition, file: source.path, ranges: source.ranges }, problems };
}

const Values = z.record(z.string(), z.json());
const Facts = z.object({
  trigger: z.string().regex(/^[^.\s]+\.\S+$/),
  parameters: Values.optional(),
  criteria: Values.optional(),
  input: Values.optional(),
  description: z.string().optional(),
  backstop: z.boolean().optional(),
  enabled: z.boolean().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

const data = "Expected names and values that JSON can hold.";
const hints: Readonly<Record<string, string>> = {
  trigger: "Expected PACK.TRIGGER.",
  parameters: data,
  criteria: data,
  input: data,
  description: "Expected one line of text.",
  backstop: "Expected true or false.",
  enabled: "Expected true or false.",
  tags: "Expected names and texts.",
};
