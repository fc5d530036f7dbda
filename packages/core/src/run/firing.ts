import { problem, runId, shardOfKey, type Command, type Firing, type Problem, type Run, type TriggerDefinition } from "@bellhop/contracts";
import { payloadFault } from "../rule/payload-fault.ts";

type PlannedFiring = { kind: "ok"; firing: Firing } | { kind: "refused"; problem: Problem };

/** What an action of the kind `fire` lets happen.
 *  @param at.input checked: see `kinds`
 *  @param at.triggers against whose schemas the payload is held; absent: none. One that nobody declared asks for nothing: rules may wait for it all the same */
export function firingOf(at: {
  action: string;
  input: Readonly<Record<string, unknown>>;
  triggers?: ReadonlyMap<string, TriggerDefinition>;
}): PlannedFiring {
  const { action, input } = at;
  const { trigger, payload: given, key, trace_tag: tag } = input;
  const payload = given ?? {};
  const invalid = (parameter: string, found: string, expected: string): PlannedFiring => ({
    kind: "refused",
    problem: problem("parameter_invalid", { action, parameter, found, expected }),
  });
  if (typeof trigger !== "string" || !/^[\w-]+\.[\w.-]+$/.test(trigger)) return invalid("trigger", String(trigger), "PACK.TRIGGER");
  if (typeof key === "string" && key.length > longestKey) return invalid("key", `${key.length} characters`, `${longestKey} at most`);
  const declared = at.triggers?.get(trigger);
  const why = payloadFault(declared, payload);
  if (declared !== undefined && why !== undefined) {
    const { file, line } = declared.source;
    return { kind: "refused", problem: problem("payload_unfit", { action, trigger, why, place: `${declared.pack}/${file}:${line}` }) };
  }
  const named = typeof key === "string" && key !== "" ? { key } : {};
  return { kind: "ok", firing: { trigger, payload, ...named, ...(typeof tag === "string" && tag !== "" ? { tag } : {}) } };
}

const longestKey = 500;

/** Lets it happen, as part of the step that it is asked for in. Without a key of its own it is named after the attempt.
 *  @param at.key names the attempt
 *  @param at.at when the step is made, ISO 8601 */
export function fires(at: { run: Run; key: string; firing: Firing; at: string }): { output: Record<string, unknown>; command: Command } {
  const { run, firing, at: firedAt } = at;
  const { trigger, payload, tag } = firing;
  const key = firing.key === undefined ? `fire/${at.key}` : `fire/key/${firing.key}`;
  const event = runId({ key, at: firedAt, shard: shardOfKey(key) });
  const about = { ...(run.depth === undefined ? {} : { depth: run.depth }), ...(tag === undefined ? {} : { tag }) };
  const source = { kind: "run", name: run.id } as const;
  const fired = { v: 1, key, event, trigger, payload: { inline: payload }, source, ...about, firedAt } as const;
  const output = { trigger, payload, ...(firing.key === undefined ? { event } : { key: firing.key }) };
  return { output, command: { kind: "fire", event: fired, ...(firing.key === undefined ? {} : { comesAgain: true }) } };
}
