import { setTimeout as delay } from "node:timers/promises";
import { fire, openKv, type Bus } from "@bellhop/bus";
import { neverSealed, Problem, problem, shardOfMoment, toProblem, type SensorDefinition, type TriggerDefinition } from "@bellhop/contracts";
import { payloadFault, sensorEventKey } from "@bellhop/core";
import type { Answer, LineId, Said } from "./lines.ts";
import type { Status } from "./status.ts";

/** What is asked of the runner by a sensor: to store an event, and what it remembers. */
export type Asked = Extract<Said, { kind: "event" | "get" | "set" | "delete" }>;

/** Does what a sensor asks, and answers it. */
export interface Answering {
  answer(asked: Asked): Promise<Answer>;
}

/** @param at.life names this life of the process: what it says without a key is named by it
 *  @param at.triggers those of its pack
 *  @param at.triggerOf one of whichever pack, by its name
 *  @param at.foreign which triggers of other packs it may fire: names, and beginnings that end in `*`
 *  @param at.mayTell whether the instance is this runner's now
 *  @param at.checkTriggers whether a payload that does not fit its trigger's schema is dropped */
export function openAnswering(at: {
  bus: Bus;
  definition: SensorDefinition;
  triggers: readonly TriggerDefinition[];
  triggerOf: (ref: string) => TriggerDefinition | undefined;
  foreign: readonly string[];
  life: string;
  checkTriggers: boolean;
  mayTell: () => boolean;
  retryMs: number;
  status: Status;
}): Answering {
  const { bus, definition, triggerOf, foreign, life, checkTriggers, mayTell, retryMs, status } = at;
  const { ref, pack, name: sensor } = definition;
  const kv = openKv(bus);
  const by = `sensor:${ref}`;
  const placeOf = (name: string) => ({ scope: "pack", owner: pack, name: `${sensor}:${name}` }) as const;
  const own = new Map(at.triggers.map((trigger) => [trigger.ref, trigger]));
  let unnamed = 0;

  async function tell({ trigger: named, payload, key, id }: Extract<Asked, { kind: "event" }>): Promise<Answer> {
    const found = own.get(named) ?? own.get(`${pack}.${named}`) ?? (named.startsWith(`${pack}.`) ? undefined : triggerOf(named));
    const trigger = found?.ref ?? (named.includes(".") ? named : `${pack}.${named}`);
    const about = key === undefined ? {} : { key };
    const refuse = (why: string, level: "warn" | "error"): Answer => {
      status.say(level, `an event of ${trigger} was dropped: ${why}`);
      return { ...idOf(id), refused: why, ...about };
    };
    if (found === undefined)
      return refuse(`there is no trigger ${trigger}; of its pack are ${[...own.keys()].join(", ") || "none"}`, "error");
    if (found.pack !== pack && !foreign.some((one) => isNamedBy(one, trigger))) {
      const setting = `\`runner: {foreignTriggers: {${pack}: [${trigger}]}}\` of bellhop.yaml`;
      return refuse(`it is another pack's trigger, and ${setting} does not allow it`, "error");
    }
    const why = payloadFault(found, payload);
    if (why !== undefined) {
      if (checkTriggers) return refuse(why, "warn");
      status.say("warn", `an event of ${trigger} does not fit its schema: ${why}`);
    }
    const now = new Date().toISOString();
    // The last look before it is said: whoever slept meanwhile has lost the instance to another.
    if (!mayTell()) return refuse("this instance may be another runner's by now", "warn");
    const happened = {
      trigger,
      payload: status.masked(payload),
      source: { kind: "sensor", name: ref } as const,
      key: key === undefined ? `sensor/${ref}/${life}/${++unnamed}` : sensorEventKey({ sensor: ref, pack, trigger: found, key }),
      comesAgain: key !== undefined,
      at: now,
      shard: shardOfMoment(now),
    };
    const { event, again } = await stored(() => fire(bus, happened));
    const { events } = status.now();
    status.change({ event: { trigger, event, at: now }, ...(again ? {} : { events: events + 1 }) });
    return { ...idOf(id), stored: key ?? null, event, again };
  }

  async function remember(asked: Exclude<Asked, { kind: "event" }>): Promise<Answer> {
    const { name, id } = asked;
    const place = placeOf(name);
    if (asked.kind === "get") {
      const found = await stored(() => kv.get(place));
      return { ...idOf(id), get: name, ...(found === undefined ? {} : { value: found.value }) };
    }
    if (!mayTell()) throw problem("sensor_failed", { sensor: ref, why: "it may be another runner's by now", next: "" });
    if (asked.kind === "set") {
      await stored(() => kv.set(place, { value: neverSealed(asked.value), by, ttl: asked.ttl }));
      return { ...idOf(id), set: name };
    }
    await stored(() => kv.delete(place, { by }));
    return { ...idOf(id), deleted: name };
  }

  /** What can't be stored now is tried again for as long as the instance is this runner's: a program that says something and reads no answer loses nothing. */
  async function stored<T>(store: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await store();
      } catch (error) {
        // What is nested too deeply to be written is so the next time too.
        if ((error instanceof Problem && !error.data.retry) || error instanceof RangeError || !mayTell()) throw error;
        status.say("warn", `what it said can't be stored now, it is tried again: ${toProblem(error).message}`);
        await delay(retryMs, undefined, { ref: false });
      }
    }
  }

  return {
    async answer(asked) {
      try {
        return asked.kind === "event" ? await tell(asked) : await remember(asked);
      } catch (error) {
        const { message } = toProblem(error);
        status.say("error", message);
        return { ...idOf(asked.id), failed: message };
      }
    },
  };
}

/** @param by a name, or the beginning of one that ends in `*` */
function isNamedBy(by: string, trigger: string): boolean {
  return by.endsWith("*") ? trigger.startsWith(by.slice(0, -1)) : by === trigger;
}

function idOf(id: LineId | undefined): { id?: LineId } {
  return id === undefined ? {} : { id };
}
