import { z, type KvSpace } from "@bellhop/sdk";
import type { Incident } from "./alertmanager.ts";

/** Somebody wants to hear nothing of an alert, or of all alerts of a target, until then. */
const Mute = z.object({
  /** A fingerprint, or a target's name. */
  alert: z.string(),
  by: z.string(),
  /** ISO 8601 */
  until: z.string(),
});
export type Mute = z.infer<typeof Mute>;

export async function mute(kv: KvSpace, { alert, by, ms, now }: { alert: string; by: string; ms: number; now: Date }): Promise<Mute> {
  const said: Mute = { alert, by, until: new Date(now.getTime() + ms).toISOString() };
  await kv.set(muteName(alert), said, { ttl: secondsUntil(said, now) });
  return said;
}

/** @returns whether it was muted */
export async function unmute(kv: KvSpace, alert: string): Promise<boolean> {
  return await kv.delete(muteName(alert));
}

/** The mute that an alert falls under, if any, which is counted for it: once, however often this is asked. */
export async function muteOf(kv: KvSpace, incident: Incident & { target: string }, now: Date): Promise<Mute | undefined> {
  for (const alert of [incident.fingerprint, incident.target]) {
    const found = await kv.get(muteName(alert), Mute);
    if (found === undefined) continue;
    await kv.set(`${quietOf(found)}${incident.fingerprint}/${incident.since}`, true, { ttl: secondsUntil(found, now) });
    return found;
  }
  return undefined;
}

/** How many incidents it has kept quiet. */
export async function quietened(kv: KvSpace, one: Mute): Promise<number> {
  return (await kv.list(quietOf(one))).length;
}

/** All that hold, those that end first before the others. */
export async function mutes(kv: KvSpace): Promise<Mute[]> {
  const found = await Promise.all((await kv.list(muteName(""))).map(async (name) => await kv.get(name, Mute)));
  return found.filter((one) => one !== undefined).toSorted((a, b) => (a.until < b.until ? -1 : 1));
}

/** That an alert came is known for a while, so that nobody mutes what there is not. */
export async function noteSeen(kv: KvSpace, { fingerprint }: Incident, target: string): Promise<void> {
  await kv.set(`seen/${fingerprint}`, target, { ttl: aWeek });
}

/** The target of an alert that came within a week. */
export async function seen(kv: KvSpace, fingerprint: string): Promise<string | undefined> {
  return await kv.get(`seen/${fingerprint}`, z.string());
}

function muteName(alert: string): string {
  return `muted/${alert}`;
}

/** Each mute counts for itself. */
function quietOf({ alert, until }: Mute): string {
  return `quiet/${alert}/${until}/`;
}

function secondsUntil({ until }: Mute, now: Date): number {
  return Math.max(1, Math.ceil((Date.parse(until) - now.getTime()) / 1000));
}

const aWeek = 7 * 86_400;
