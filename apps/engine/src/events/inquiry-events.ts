import type { Bus } from "@bellhop/bus";
import { runId, shardOfKey, type Command, type Run } from "@bellhop/contracts";
import type { Knowledge } from "../knowledge/knowledge.ts";

/** What rules wait for that bring a question to where chats are not, with StackStorm's name and fields: `id` is what an answer names. */
const trigger = "core.st2.generic.inquiry";

/** What a step of a run fires in which people are asked something, where a rule waits for it. */
export async function inquiryEvents(
  { bus, knowledge }: { bus: Bus; knowledge: Pick<Knowledge, "rules"> },
  { id: name, depth }: Run,
  commands: readonly Command[],
): Promise<Command[]> {
  if (!knowledge.rules().waitsFor(trigger)) return [];
  const asked = commands.flatMap((command) => (command.kind === "press" && command.press.over === undefined ? [command.press] : []));
  const fired: Command[] = [];
  for (const { id, inquiry } of asked) {
    if (inquiry === undefined) continue;
    const { at: firedAt, asks } = inquiry;
    const key = `inquiry/${id}`;
    const event = runId({ key, at: firedAt, shard: shardOfKey(key) });
    const payload = await bus.storeValue({ id, route: asks.route });
    const about = { source: { kind: "run", name } as const, ...(depth === undefined ? {} : { depth }), firedAt };
    fired.push({ kind: "fire", event: { v: 1, key, event, trigger, payload, ...about } });
  }
  return fired;
}
