import { setTimeout as pause } from "node:timers/promises";
import { durations, subjects, type Send } from "@bellhop/contracts";
import { pssMegabytes, shortName, treeOf } from "../load/proc.ts";
import { gatewayHeap } from "../load/stack.ts";
import { openPlatform } from "../platforms.ts";
import { startStage } from "../stage.ts";
import { withoutLate } from "./gateways/asked.ts";
import { faultyPacks } from "./packs.ts";
import { until } from "../until.ts";

export interface AwayFindings {
  /** Sends that waited, and what the gateway's process took before and with all of them, in MB of PSS. */
  waited: number;
  before: number;
  with: number;
  faults: string[];
}

/** A chat platform goes away for an hour, in which much is said. When it is back every conversation hears it once and in order, of what was reworded the last words alone. */
export async function platformAway(at: { rooms: number; keys: number; wordings: number; factor: number }): Promise<AwayFindings> {
  const rooms = Array.from({ length: at.rooms }, (_, index) => `room${index}`);
  const chat = await openPlatform("slack", { rooms });
  const stage = await startStage({ factor: at.factor, packs: faultyPacks });
  try {
    // Twenty thousand sends at once leave no time to renew a tenth of a lease; what a new holder does is asked elsewhere.
    const [lease, leaseRenewal] = [durations.lease / at.factor, durations.leaseRenewal / at.factor];
    stage.configure({ owners: [chat.identity("ana")], durations: { lease, leaseRenewal } });
    stage.start("engine-1");
    stage.start("slack-1", { env: { ...chat.env, NODE_OPTIONS: gatewayHeap.join(" ") } });
    await until(() => chat.connections() > 0);
    const first = await chat.say({ text: "!help" });
    await until(() => first.answers().length > 0);
    const memory = () =>
      Math.round(pssMegabytes(treeOf(process.pid).find((pid) => shortName(pid).endsWith("gateway-slack/src/main.ts")) ?? 0));
    const before = memory();
    const like = (await stage.logs()).flatMap(({ commands }) => commands).find((command) => command.kind === "send")?.send;
    if (like === undefined) throw new Error("nothing was said yet");
    const outage = chat.faults.outage();
    for (let revision = 1; revision <= at.wordings; revision++) {
      const sends = rooms.flatMap((room) =>
        Array.from({ length: at.keys }, (_, key) => sendOf({ like, channel: chat.roomId(room), key, revision, last: at.wordings })),
      );
      await Promise.all(sends.map((send) => stage.bus.publish(subjects.message.send, send, { id: `${send.key}/${send.revision}` })));
    }
    await pause(3_600_000 * at.factor * shorter);
    const loaded = memory();
    outage.end();
    const spoken = () =>
      chat.seenBy("ana").flatMap(({ place, text }) => (withoutLate(text).startsWith("key ") ? [{ place, text: withoutLate(text) }] : []));
    await until(() => spoken().length >= rooms.length * at.keys && spoken().every(({ text }) => text.endsWith(`wording ${at.wordings}`)), {
      within: 600_000,
      instead: () => spoken().length,
    });
    const faults: string[] = [];
    const places = Map.groupBy(spoken(), ({ place }) => place);
    for (const [place, shown] of places) {
      const expected = Array.from({ length: at.keys }, (_, key) => `key ${key}, wording ${at.wordings}`);
      const found = shown.map(({ text }) => text);
      if (found.join() !== expected.join()) faults.push(`${place} hears ${found.join("; ")}`);
    }
    if (places.size !== rooms.length) faults.push(`${places.size} rooms of ${rooms.length} hear anything`);
    if (loaded > before + mostGrowth) faults.push(`the gateway grew from ${before} to ${loaded} MB`);
    return { waited: rooms.length * at.keys * at.wordings, before, with: loaded, faults };
  } finally {
    await stage.end();
    await chat.close();
  }
}

/** Of an hour: what happens in it happens in its first minutes. */
const shorter = 0.1;

/** In MB, for any number of sends: a thousand in hand, and places. */
const mostGrowth = 80;

function sendOf({
  like,
  channel,
  key,
  revision,
  last,
}: {
  like: Send;
  channel: string;
  key: number;
  revision: number;
  last: number;
}): Send {
  const { platform, account } = like;
  const { space } = like.to;
  const body = { text: `key ${key}, wording ${revision}`, tone: "info" as const };
  return {
    v: 1,
    key: `${channel}/${key}`,
    revision,
    platform,
    account,
    to: { platform, account, ...(space === undefined ? {} : { space }), channel },
    body,
    final: revision === last,
  };
}
