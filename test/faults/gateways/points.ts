import { crashPoints, type CrashPoint } from "@bellhop/service";
import { gatewayOf, type Team } from "../../team.ts";
import type { CallFault, Platform } from "../../platforms.ts";
import { restartNatsWhenKilled } from "../../stage.ts";
import { askFor, faultOf, faultsOf, tracesIn, type Asked } from "./asked.ts";
import { watchAnswers, type Twice } from "./standing.ts";
import { patience, until } from "../../until.ts";

/** Whom a crash point kills: the process that gets there, or nats-server at that very moment. */
export type Victim = "self" | "nats";

/** What else befalls the first reply: its call is lost, its answer is lost, or the platform takes its time. */
export type Trouble = "plain" | "request lost" | "answer lost" | "held";

/** `while held`: no crash point; the gateway is killed while the platform takes its time over a reply that it will accept in the end. */
export interface GatewayCase {
  point: CrashPoint | "while held";
  trouble: Trouble;
  victim: Victim;
}

export const gatewayPoints = (Object.keys(crashPoints) as CrashPoint[]).filter((point) => point.startsWith("gateway."));

export function gatewayCases(): GatewayCase[] {
  const troubles: Trouble[] = ["plain", "request lost", "answer lost", "held"];
  const victims: Victim[] = ["self", "nats"];
  const atPoints = gatewayPoints.flatMap((point) => troubles.flatMap((trouble) => victims.map((victim) => ({ point, trouble, victim }))));
  return [...atPoints, { point: "while held", trouble: "held", victim: "self" }];
}

export interface CaseFindings {
  /** Processes that died at the point. */
  hits: number;
  faults: string[];
  twice: Twice[];
}

/** People talk with the bot everywhere, and its gateways write down how far they heard: of a direct conversation that begins while no gateway listens nobody
 *  could know. */
export async function introduce(team: Team): Promise<void> {
  const { stage, chats } = team;
  const asked = await Promise.all(chats.map(async (chat) => askEverywhere(chat, { file: stage.file, words: `hello${chat.name}` })));
  await settled(asked.flat(), () => true, stage.file);
  await team.disconnect();
}

/** Kills the gateways of all platforms at that point, each with commands in hand: in a room, in a thread, and directly.
 *  @param at.heldMs for how long a platform holds what it accepts */
export async function hitGateways(team: Team, at: GatewayCase & { words: string; heldMs: number }): Promise<CaseFindings> {
  const { stage, chats } = team;
  const before = stage.crashes().length;
  await team.disconnect();
  const watching = restartNatsWhenKilled(stage);
  await team.connect({ crash: crashOf(team, at) });
  const fault = callFaultOf(at);
  const planned = fault === undefined ? [] : chats.map((chat) => chat.faults.posts(fault));
  const watch = watchAnswers(chats);
  const asked = (
    await Promise.all(chats.map((chat) => askEverywhere(chat, { file: stage.file, words: `${at.words}${chat.name}` })))
  ).flat();
  if (at.point === "while held") {
    await until(() => planned.every((one) => one.hits() > 0));
    for (const chat of chats) await stage.kill(gatewayOf(chat));
    for (const chat of chats) stage.start(gatewayOf(chat));
  }

  const enough = at.point === "while held" ? 0 : at.victim === "self" ? chats.length : 1;
  const hits = () => stage.crashes().length - before;
  await settled(asked, () => hits() >= enough && planned.every((one) => one.hits() > 0), stage.file);
  // Replies of one conversation go out one after the other: after this one nothing is on its way.
  const last = (
    await Promise.all(chats.map((chat) => askEverywhere(chat, { file: stage.file, words: `${at.words}z${chat.name}` })))
  ).flat();
  await settled(last, () => !chats.some((chat) => chat.owes()), stage.file);
  for (const one of planned) one.cancel();
  watching.stop();
  const faults = faultsOf({ asked: [...asked, ...last], chats: [], traces: tracesIn(stage.file), logs: await stage.logs() });
  if (hits() < enough) faults.push(`${at.point} was reached ${hits()} times`);
  return { hits: hits(), faults, twice: watch.stop() };
}

export async function askEverywhere(chat: Platform, { file, words }: { file: string; words: string }): Promise<Asked[]> {
  const root = await chat.say({ text: "shall we?" });
  const places = [{}, { thread: root }, { direct: true }, { room: "dev" }];
  return Promise.all(places.map((place, index) => askFor(chat, { word: `${words}${index}`, command: "again", file, place })));
}

/** What is not well in time is found by whoever looks next. */
export async function settled(asked: readonly Asked[], also: () => boolean, file: string): Promise<void> {
  const end = performance.now() + patience;
  await until(() => (also() && asked.every((one) => faultOf(one, tracesIn(file)) === undefined)) || performance.now() > end, {
    within: patience * 2,
  });
}

function crashOf({ stage }: Team, { point, victim }: GatewayCase): string | undefined {
  if (point === "while held") return undefined;
  return victim === "nats" ? `${point}@${stage.nats.pid}` : point;
}

function callFaultOf({ trouble, heldMs }: { trouble: Trouble; heldMs: number }): CallFault | undefined {
  switch (trouble) {
    case "plain":
      return undefined;
    case "request lost":
      return { kind: "lose_request" };
    case "answer lost":
      return { kind: "lose_answer" };
    case "held":
      return { kind: "hold", ms: heldMs };
  }
}
