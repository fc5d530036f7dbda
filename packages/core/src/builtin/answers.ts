import type { Body, Message, Run } from "@bellhop/contracts";
import { isOwner, mayRun, type Policy } from "../access/may-run.ts";
import { roomOf } from "../access/who.ts";
import type { Catalog } from "../catalog.ts";
import { findAction } from "../run/plan.ts";
import { builtinHelp, ownersHelp } from "./words.ts";

/** Lists what this person may say here, by pack. */
export function answerHelp(at: { catalog: Catalog; policy: Policy; message: Message; filter?: string }): Body {
  const wanted = at.filter?.toLowerCase();
  const fits = (...texts: string[]) => wanted === undefined || texts.some((text) => text.toLowerCase().includes(wanted));
  const sections: string[] = [];
  const words = isOwner(at.policy, at.message.author) ? [...builtinHelp, ...ownersHelp] : builtinHelp;
  const own = words.filter(({ display, description }) => fits(display, description));
  if (own.length > 0) sections.push(own.map(line).join("\n"));
  const packs = listed(at, fits);
  for (const [pack, lines] of packs) sections.push([`**${pack}**`, ...lines].join("\n"));
  if (sections.length === 0) return { text: `Nothing here has to do with "${at.filter ?? ""}". \`help\` lists everything.`, tone: "info" };
  if (packs.size === 0 && wanted === undefined) sections.push("No command of a pack is yours to run here.");
  return { text: sections.join("\n\n"), tone: "info" };
}

/** Says what is running in the conversation, newest last. */
export function answerStatus(runs: readonly Run[], now: string): Body {
  if (runs.length === 0) return { text: "Nothing is running here.", tone: "info" };
  const lines = runs.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((run) => `- ${statusLine(run, now)}`);
  return { text: lines.join("\n"), tone: "info" };
}

export function answerRunStatus(run: Run, now: string): Body {
  return { text: statusLine(run, now), tone: "info" };
}

/** The one run whose id is this, or ends so: six characters at least, upper or lower case. */
export function findRun(runs: readonly Run[], wanted: string): Run | undefined {
  const text = wanted.toUpperCase();
  const found = runs.filter((run) => run.id === text || (text.length >= 6 && run.id.endsWith(text)));
  return found.length === 1 ? found[0] : undefined;
}

function listed(
  { catalog, policy, message }: { catalog: Catalog; policy: Policy; message: Message },
  fits: (...texts: string[]) => boolean,
) {
  const packs = new Map<string, string[]>();
  const room = roomOf(message);
  for (const { definition, formats } of catalog.aliases) {
    if (mayRun(policy, message.author, { action: definition.action, alias: definition.ref, room }).kind === "no") continue;
    if (findAction(catalog, definition.action).kind === "refused") continue;
    const description = definition.description || (catalog.actions.get(definition.action)?.description ?? "");
    const displays = new Set(formats.map((format) => format.display).filter((display) => display !== undefined));
    for (const display of displays) {
      if (!fits(display, description, definition.pack)) continue;
      packs.set(definition.pack, [...(packs.get(definition.pack) ?? []), line({ display, description })]);
    }
  }
  return packs;
}

function line({ display, description }: { display: string; description: string }): string {
  return `- \`${display}\`${description === "" ? "" : ` - ${description}`}`;
}

function statusLine(run: Run, now: string): string {
  const task = run.tasks["main"];
  const again = task !== undefined && task.attempt > 1 ? `, attempt ${task.attempt}` : "";
  const lost = task?.lostSince === undefined ? "" : ", its runner is lost and its result waited for";
  const by = run.asker.name ?? run.asker.id;
  return `\`${run.id}\` ${run.action}: ${run.status}, for ${ageOf(run.askedAt, now)}, asked by ${by}${again}${lost}`;
}

/** How long ago, in its largest unit. */
function ageOf(then: string, now: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(now) - Date.parse(then)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
