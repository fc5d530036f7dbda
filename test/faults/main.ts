import { parseArgs } from "node:util";
import { crashPoints } from "@bellhop/service";
import { startTeam, type Team } from "../team.ts";
import { changeCopies } from "./cluster/copies.ts";
import { thousandCommands } from "./cluster/thousand.ts";
import { eventPoints } from "./events/event-points.ts";
import { hitEvent, soakEvents } from "./events/weather.ts";
import { editPoints, hitEdits } from "./gateways/edit-points.ts";
import { gatewayCases, hitGateways, introduce, type CaseFindings } from "./gateways/points.ts";
import { hitPresses, pressCases } from "./gateways/press-points.ts";
import { soakGateways } from "./gateways/soak.ts";
import { askingPack } from "../journeys/packs.ts";
import { faultyPacks } from "./packs.ts";
import { openPoints, pointCases } from "./points.ts";
import { platformAway } from "./pressure.ts";
import { soak } from "./soak.ts";
import { hitFlow, soakFlows } from "./workflows/weather.ts";

const { values } = parseArgs({
  options: {
    cluster: { type: "boolean" },
    events: { type: "boolean" },
    gateways: { type: "boolean" },
    list: { type: "boolean" },
    point: { type: "string" },
    presses: { type: "boolean" },
    pressure: { type: "boolean" },
    seed: { type: "string" },
    soak: { type: "boolean" },
    workflows: { type: "boolean" },
    "real-time": { type: "boolean" },
    help: { type: "boolean" },
  },
});
// The suite runs at a tenth of the durations that installations use, or a fifth.
const factor = values["real-time"] === true ? 1 : 0.1;
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
let bad = 0;

if (values.help === true) {
  console.log(
    `pnpm faults [--cluster] [--events] [--gateways] [--presses] [--pressure] [--workflows] [--list | --point NAME | --soak [--seed N]] [--real-time]
Without arguments: every crash point, of processes and of nats-server, then a soak.
With --gateways: every crash point of the gateways on every platform at once, plain, with the request lost, the answer lost, and held, then a soak.
With --presses: every crash point between a press and its answer, on every platform at once.
With --workflows: every crash point under a workflow with branches, items, retries, delays and an inquiry, then a soak of such of a hundred tasks.
With --events: every crash point between what happens and the runs that follow from it, then a soak of webhooks and timers.
With --cluster: a thousand commands on three nats-servers with three copies of everything, while -9 takes the leader and later a follower; before it, copies made and given up under writes.
With --pressure: a chat platform is away for an hour (at a tenth of the durations, a tenth of that), while 20,000 wordings of 100 replies wait; what is said when it is back, and what its gateway's memory did.`,
  );
} else if (values.list === true) {
  const width = Math.max(...Object.keys(crashPoints).map((name) => name.length));
  for (const [name, where] of Object.entries(crashPoints)) console.log(`${name.padEnd(width)}  ${where}`);
} else if (values.cluster === true) {
  tell("copies", await changeCopies());
  // Elections take the time they take: shorter durations would only show leases that end meanwhile.
  tell("cluster", await thousandCommands({ commands: 1_000, perSecond: 20, factor: 1 }));
} else if (values.workflows === true) {
  if (values.soak !== true) await everyFlowCase();
  if (values.point === undefined) tell("soak", await soakFlows({ seed, runs: 4, kills: 60, factor }));
} else if (values.events === true) {
  if (values.soak !== true) await everyEventCase();
  if (values.point === undefined) tell("soak", await soakEvents({ seed, events: 500, kills: 60, factor }));
} else if (values.presses === true) {
  await everyPressCase();
} else if (values.pressure === true) {
  tell("a platform away", await platformAway({ rooms: 20, keys: 5, wordings: 200, factor }));
} else if (values.gateways === true) {
  if (values.soak !== true) await everyGatewayCase();
  if (values.point === undefined) tell("soak", await soakGateways({ seed, messages: 500, kills: 60, factor: Math.max(factor, 0.2) }));
} else {
  if (values.soak !== true) await everyCase();
  if (values.point === undefined) tell("soak", await soak({ seed, commands: 200, kills: 36, factor }));
}
process.exit(bad === 0 ? 0 : 1);

async function everyCase(): Promise<void> {
  const cases = chosen(pointCases());
  const points = await openPoints({ factor });
  for (const at of cases) {
    const { hits, faults, done, abandoned } = await points.hit(at);
    const hit = hits.some((one) => one.startsWith(`${at.point} `));
    tell(`${at.point} (${at.victim})`, { done, abandoned, faults: hit ? faults : [...faults, "never reached"] });
  }
  tell("in the end", await points.end());
}

/** A team of its own for each point. */
async function everyGatewayCase(): Promise<void> {
  const cases = chosen([...gatewayCases(), ...editPoints.map((point) => ({ point, trouble: "plain" as const, victim: "self" as const }))]);
  let team: Team | undefined;
  for (const [index, one] of cases.entries()) {
    if (one.point !== cases[index - 1]?.point) {
      await team?.end();
      team = await startTeam({ factor, packs: faultyPacks, rooms: ["ops", "dev"] });
      await introduce(team);
    }
    if (team === undefined) break;
    const words = `c${index}x`;
    const edit = editPoints.find((point) => point === one.point);
    const found: CaseFindings =
      edit === undefined
        ? await hitGateways(team, { ...one, words, heldMs: 20_000 * factor })
        : await hitEdits(team, { point: edit, words });
    tell(`${one.point} (${one.trouble}, ${one.victim})`, found);
  }
  await team?.end();
}

async function everyFlowCase(): Promise<void> {
  for (const { point, victim } of chosen(pointCases())) {
    const { hits, faults, ...figures } = await hitFlow({ point, victim, factor });
    const hit = hits.some((one) => one.startsWith(`${point} `));
    tell(`a workflow: ${point} (${victim})`, { ...figures, faults: hit ? faults : [...faults, "never reached"] });
  }
}

async function everyEventCase(): Promise<void> {
  for (const { point, victim } of chosen(
    eventPoints.flatMap((one) => (["self", "nats"] as const).map((whose) => ({ point: one, victim: whose }))),
  )) {
    const { hits, ...findings } = await hitEvent({ point, victim, factor });
    tell(`an event: ${point} (${victim}, ${hits.length} hits)`, findings);
  }
}

/** The points of a press, each with -9 of whoever gets there and of nats-server. */
async function everyPressCase(): Promise<void> {
  const cases = chosen(pressCases.flatMap((point) => (["self", "nats"] as const).map((victim) => ({ point, victim }))));
  const team = await startTeam({ factor, packs: [askingPack], rooms: ["ops"] });
  for (const [index, one] of cases.entries()) {
    tell(`a press: ${one.point} (${one.victim})`, await hitPresses(team, { ...one, words: `b${index}x` }));
  }
  await team.end();
}

function chosen<Case extends { point: string }>(cases: readonly Case[]): readonly Case[] {
  const some = cases.filter(({ point }) => values.point === undefined || point === values.point);
  if (some.length > 0) return some;
  console.error(`There is no crash point ${values.point ?? ""} here. See pnpm faults --list, and --gateways for those of chats.`);
  process.exit(2);
}

function tell<Found extends { faults: readonly string[] }>(what: string, { faults, ...figures }: Found): void {
  if (faults.length > 0) bad += 1;
  console.log(`${faults.length === 0 ? "ok " : "BAD"} ${what}: ${JSON.stringify(figures)}`);
  for (const fault of faults) console.log(`    ${fault}`);
}
