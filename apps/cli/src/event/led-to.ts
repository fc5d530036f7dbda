import type { Bus } from "@bellhop/bus";
import type { Address, Command, Run, Send } from "@bellhop/contracts";
import { rulePlatform } from "@bellhop/core";
import { visible, visibleLines } from "../dead/visible.ts";

/** What a run of a rule came to, and what it said and fired, itself or by runs that are part of it. */
export interface LedTo {
  run: string;
  action?: string;
  /** Absent where it has not begun, or was refused. */
  status?: Run["status"];
  /** The last wording of each message, and every room that has it. */
  said: { where: string[]; text: string }[];
  fired: { event: string; trigger: string }[];
}

/** Reads it from the logs. */
export async function ledTo(bus: Bus, run: string): Promise<LedTo> {
  const state = (await bus.log.last(run))?.record.state;
  const said = new Map<string, Send>();
  const fired: LedTo["fired"] = [];
  const seen = new Set<string>();
  await follow(run);
  return {
    run,
    ...(state === undefined ? {} : { action: state.action, status: state.status }),
    said: [...Map.groupBy(said.values(), ({ body }) => body.text)].map(([text, sends]) => ({
      where: [...new Set(sends.map(({ to }) => whereOf(to)))],
      text,
    })),
    fired,
  };

  async function follow(log: string): Promise<void> {
    if (seen.has(log) || seen.size >= logsAtMost) return;
    seen.add(log);
    for (const { record } of await bus.log.records(log, { from: 1 })) for (const command of record.commands) await note(command);
  }

  async function note(command: Command): Promise<void> {
    // A rule waits for no answer, and is told none.
    if (command.kind === "send" && command.send.platform !== rulePlatform) said.set(command.send.key, command.send);
    else if (command.kind === "fire") fired.push({ event: command.event.event, trigger: command.event.trigger });
    else if (command.kind === "ask" && isPartOf(command.ask.kind)) await follow(command.ask.run);
  }
}

/** Of a run with thousands of tasks those that began first are followed. */
const logsAtMost = 200;

/** A sub-workflow, an action with a run of its own, what policies try again, and what is posted. */
function isPartOf(kind: Extract<Command, { kind: "ask" }>["ask"]["kind"]): boolean {
  return kind === "start" || kind === "again" || kind === "post";
}

/** Lines for people. */
export function ledToLines({ run, action, status, said, fired }: LedTo): string[] {
  const how = status === undefined ? "not begun, or refused" : `${action ?? ""} ${status}`;
  return [
    `  run ${run}  ${how}`,
    ...said.flatMap(({ where, text }) => [
      `    said in ${visible(where.join(", "))}`,
      ...visibleLines(text).replace(/^/gm, "      ").split("\n"),
    ]),
    ...fired.map(({ event, trigger }) => `    fired ${visible(trigger)} as ${event}`),
  ];
}

function whereOf({ platform, space, channel }: Address): string {
  return `${platform}:${space === undefined ? "" : `${space}/`}${channel}`;
}
