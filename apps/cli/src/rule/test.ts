import { ruleUser } from "@bellhop/contracts";
import { explainRule, kvNames, namesFor, ruleInput, triggerKey, type CompiledRule, type Datastore } from "@bellhop/core";
import { writeJson } from "@bellhop/expression";
import type { Env } from "@bellhop/service";
import { switchedPacks } from "../event/packs.ts";
import { datastoreGiven, datastoreOf, type GivenDatastore } from "../kv/given.ts";
import { note, type ExitCode } from "../report.ts";
import { withBus } from "../with-bus.ts";
import { withConfigs } from "./configs.ts";
import { isKept, keptEvent, readEvent, type Event } from "./event.ts";
import { findRule, rulesAmong } from "./rules.ts";
import { reasonOf, verdictLines, verdictsAsData } from "./show.ts";

/** `bellhop rule test`: 0 where the rule fires, 1 where it doesn't. */
export async function ruleTest(options: { rule: string; event: string; kv?: string; json: boolean }, env: Env): Promise<ExitCode> {
  const given = options.kv === undefined ? undefined : datastoreGiven(options.kv);
  const { rule, event, datastore, missed } = await (isKept(options.event) ? onKept : onFile)({ ...options, given }, env);
  const { definition } = rule;
  const { happening } = event;
  const kv = kvNames(datastore, { user: ruleUser, pack: definition.pack });
  const { outcome, verdicts } = explainRule(rule, { ...happening, names: namesFor(definition.criteria, kv) });
  const other = waitsForOther(rule, event);
  const why = other === undefined ? reasonOf(rule, outcome) : `does not fire: ${other}`;
  const fires = outcome.kind === "fits" && other === undefined;
  const { ref, parameters } = definition.action;
  const filled = ruleInput(parameters, { payload: happening.payload, kv });
  if (options.json) {
    const criteria = verdictsAsData(verdicts);
    const given = filled.kind === "failed" ? { failure: filled.why } : { input: filled.input };
    process.stdout.write(
      `${writeJson({ rule: definition.ref, fires, why, criteria, action: definition.action, ...(fires ? given : {}) })}\n`,
    );
  } else {
    const given = filled.kind === "failed" ? `can't run ${ref}: ${filled.why}` : `runs ${ref} with ${writeJson(filled.input)}`;
    const then = fires ? [`  ${given}`] : [];
    process.stdout.write(`${[`${definition.ref} ${why}`, ...verdictLines(verdicts), ...then].join("\n")}\n`);
  }
  for (const lacks of missed()) note(lacks);
  return fires ? 0 : 1;
}

interface Tried {
  readonly rule: CompiledRule;
  readonly event: Happened;
  readonly datastore: Datastore;
  /** What was asked for and is not there, in words. */
  readonly missed: () => string[];
}

type Happened = Event & { readonly parameters?: Readonly<Record<string, unknown>> };
type Named = { rule: string; event: string; given: GivenDatastore | undefined };

/** On an event of a file, with the values of one. */
async function onFile({ rule: name, event: file, given = datastoreOf([], "--kv FILE") }: Named, env: Env): Promise<Tried> {
  const event = readEvent(file);
  const { rule, schemas } = await findRule(name, env);
  return { rule, event, datastore: withConfigs(given, { env, schemas }), missed: () => given.missed() };
}

/** On an event that was kept, with the datastore as it is now; a rule's name is that of an active one. */
async function onKept({ rule: name, event: id, given }: Named, env: Env): Promise<Tried> {
  return withBus(env, "bellhop rule test", async (bus) => {
    const event = await keptEvent(bus, id);
    const { rule, schemas } = await findRule(name, env, async () => rulesAmong(await switchedPacks(bus)));
    const datastore = withConfigs(given ?? event.datastore, { env, schemas, set: event.set });
    return { rule, event, datastore, missed: () => given?.missed() ?? [] };
  });
}

/** Why an event is none that a rule waits for. A file may leave out the trigger, and does not say its parameters. */
function waitsForOther({ definition }: CompiledRule, { trigger, parameters }: Happened): string | undefined {
  const { type, parameters: wanted } = definition.trigger;
  if (trigger !== undefined && trigger !== type) return `it waits for ${type}, and this is ${trigger}`;
  if (parameters === undefined || triggerKey(type, wanted) === triggerKey(type, parameters)) return undefined;
  return `it waits for ${type} with ${writeJson(wanted)}, and this came with ${writeJson(parameters)}`;
}
