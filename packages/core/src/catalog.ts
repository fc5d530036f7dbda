import type { ActionDefinition, AliasDefinition, PackVersion, PolicyDefinition, TriggerDefinition } from "@bellhop/contracts";
import { compileFormat, type CompiledFormat } from "./alias/format.ts";
import { policiesByAction, type ActionPolicies } from "./policy/policies.ts";
import { compileRule, type CompiledRule } from "./rule/evaluate.ts";

/** An alias ready to match: its formats are compiled once, when its pack comes in. */
export interface CompiledAlias {
  readonly definition: AliasDefinition;
  readonly formats: readonly CompiledFormat[];
}

/** An alias format that can't be used. The rest of its pack works. */
interface CatalogFault {
  readonly pack: string;
  readonly alias: string;
  readonly format: string;
  readonly source: AliasDefinition["source"];
  readonly why: string;
}

interface CatalogPack {
  readonly version: string;
  readonly digest: string;
  readonly description: string;
  /** It has a configuration, so its actions take `config=INSTANCE`. */
  readonly configurable: boolean;
  /** What it can be configured with. */
  readonly config?: NonNullable<PackVersion["config"]>;
}

/** All packs' definitions, indexed. A value: a changed pack gives a new catalog. */
export interface Catalog {
  readonly packs: ReadonlyMap<string, CatalogPack>;
  readonly actions: ReadonlyMap<string, ActionDefinition>;
  /** Those that are enabled, in the order of their packs' names and then as declared. */
  readonly aliases: readonly CompiledAlias[];
  readonly faults: readonly CatalogFault[];
  /** In the order of their packs' names, those that are not enabled among them. */
  readonly rules: readonly CompiledRule[];
  readonly triggers: ReadonlyMap<string, TriggerDefinition>;
  /** What all packs say, and by action, what holds for its runs. */
  readonly policies: readonly PolicyDefinition[];
  readonly policed: ReadonlyMap<string, ActionPolicies>;
}

export const emptyCatalog: Catalog = {
  packs: new Map(),
  actions: new Map(),
  aliases: [],
  faults: [],
  rules: [],
  triggers: new Map(),
  policies: [],
  policed: new Map(),
};

/** The catalog with this version of the pack in place of any other one. */
export function withPack(catalog: Catalog, version: PackVersion): Catalog {
  return atOnce(packSteps(catalog, version));
}

/** The same, with places where others may work: ten thousand aliases take most of a second. */
export function* packSteps(catalog: Catalog, version: PackVersion): Generator<void, Catalog, void> {
  const others = withoutPack(catalog, version.name);
  const { aliases, faults } = yield* compileAliases(version);
  return {
    packs: new Map(others.packs).set(version.name, {
      version: version.version,
      digest: version.digest,
      description: version.description,
      configurable: Object.keys(version.config ?? {}).length > 0,
      ...(version.config === undefined ? {} : { config: version.config }),
    }),
    actions: new Map([...others.actions, ...version.actions.map((action) => [action.ref, action] as const)]),
    aliases: [...others.aliases, ...aliases].toSorted((a, b) => compareNames(a.definition.pack, b.definition.pack)),
    faults: [...others.faults, ...faults],
    rules: [...others.rules, ...(version.rules ?? []).map(compileRule)].toSorted((a, b) =>
      compareNames(a.definition.pack, b.definition.pack),
    ),
    triggers: new Map([...others.triggers, ...(version.triggers ?? []).map((trigger) => [trigger.ref, trigger] as const)]),
    ...withPolicies([...others.policies, ...(version.policies ?? [])]),
  };
}

/** The catalog without any of a pack's definitions; the same one where it has none of them. */
export function withoutPack(catalog: Catalog, name: string): Catalog {
  if (!catalog.packs.has(name)) return catalog;
  return {
    packs: new Map([...catalog.packs].filter(([pack]) => pack !== name)),
    actions: new Map([...catalog.actions].filter(([, action]) => action.pack !== name)),
    aliases: catalog.aliases.filter((alias) => alias.definition.pack !== name),
    faults: catalog.faults.filter((fault) => fault.pack !== name),
    rules: catalog.rules.filter(({ definition }) => definition.pack !== name),
    triggers: new Map([...catalog.triggers].filter(([, trigger]) => trigger.pack !== name)),
    ...withPolicies(catalog.policies.filter(({ pack }) => pack !== name)),
  };
}

function withPolicies(policies: readonly PolicyDefinition[]): Pick<Catalog, "policies" | "policed"> {
  return { policies, policed: policiesByAction(policies) };
}

function* compileAliases(version: PackVersion): Generator<void, { aliases: CompiledAlias[]; faults: CatalogFault[] }, void> {
  const aliases: CompiledAlias[] = [];
  const faults: CatalogFault[] = [];
  for (const definition of version.aliases) {
    if (!definition.enabled) continue;
    const formats: CompiledFormat[] = [];
    for (const about of definition.formats) {
      for (const format of about.representation) {
        const compiled = compileFormat(format, about);
        if (compiled.kind === "ok") formats.push(compiled.format);
        else faults.push({ pack: version.name, alias: definition.ref, format, source: definition.source, why: compiled.why });
      }
    }
    aliases.push({ definition, formats });
    yield;
  }
  return { aliases, faults };
}

/** Work that can be interrupted, done without interruption. */
function atOnce<Result>(steps: Generator<void, Result, void>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
