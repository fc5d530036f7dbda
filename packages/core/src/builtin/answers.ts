import type { ActionDefinition, Body, Message, Parameter, Run } from "@bellhop/contracts";
import { isOwner, mayRun, type Policy } from "../access/may-run.ts";
import { roomOf } from "../access/who.ts";
import type { Catalog } from "../catalog.ts";
import { nearest } from "../near.ts";
import { findAction } from "../run/plan.ts";
import { builtinHelp, ownersHelp } from "./words.ts";

/** Lists what this person may say here, by pack. Where all that fits is one action's, what that takes is told, too. */
export function answerHelp(at: { catalog: Catalog; policy: Policy; message: Message; filter?: string }): Body {
  const wanted = at.filter?.toLowerCase();
  const fits = (...texts: string[]) => wanted === undefined || texts.some((text) => text.toLowerCase().includes(wanted));
  const sections: string[] = [];
  const words = isOwner(at.policy, at.message.author) ? [...builtinHelp, ...ownersHelp] : builtinHelp;
  const own = words.filter(({ display, description }) => fits(display, description));
  if (own.length > 0) sections.push(own.map(line).join("\n"));
  const { packs, actions } = listed(at, fits);
  for (const [pack, lines] of packs) sections.push([`**${pack}**`, ...lines].join("\n"));
  if (sections.length === 0)
    return { text: `Nothing here has to do with "${at.filter ?? ""}".${meantBy(at)} \`help\` lists everything.`, tone: "info" };
  const [only, more] = [...actions];
  if (wanted !== undefined && own.length === 0 && only !== undefined && more === undefined)
    sections.push(...takenBy(at.catalog.actions.get(only)));
  if (packs.size === 0 && wanted === undefined) sections.push("No command of a pack is yours to run here.");
  return { text: sections.join("\n\n"), tone: "info" };
}

/** Says what is running in the conversation, newest last. @param waiting why runs wait at gates now, by their ids; what they were told, where it is not known */
export function answerStatus(runs: readonly Run[], now: string, waiting?: ReadonlyMap<string, string>): Body {
  if (runs.length === 0) return { text: "Nothing is running here.", tone: "info" };
  const lines = runs.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((run) => `- ${statusLine(run, now, waiting)}`);
  return { text: lines.join("\n"), tone: "info" };
}

export function answerRunStatus(run: Run, now: string, waiting?: ReadonlyMap<string, string>): Body {
  return { text: statusLine(run, now, waiting), tone: "info" };
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
  const actions = new Set<string>();
  const room = roomOf(message);
  for (const { definition, formats } of catalog.aliases) {
    if (mayRun(policy, message.author, { action: definition.action, alias: definition.ref, room }).kind === "no") continue;
    if (findAction(catalog, definition.action).kind === "refused") continue;
    const description = definition.description || (catalog.actions.get(definition.action)?.description ?? "");
    const displays = new Set(formats.map((format) => format.display).filter((display) => display !== undefined));
    for (const display of displays) {
      if (!fits(display, description, definition.pack, definition.action)) continue;
      actions.add(definition.action);
      packs.set(definition.pack, [...(packs.get(definition.pack) ?? []), line({ display, description })]);
    }
  }
  return { packs, actions };
}

/** What somebody may have meant who asked about something that there is not. */
function meantBy({ catalog, policy, message, filter = "" }: Parameters<typeof listed>[0] & { filter?: string }): string {
  const { actions } = listed({ catalog, policy, message }, () => true);
  const near = nearest(filter, [...actions, ...Array.from(actions, (ref) => ref.slice(ref.indexOf(".") + 1))]);
  return near === undefined ? "" : ` Did you mean \`help ${near}\`?`;
}

/** What an action takes that a person can say. */
function takenBy(action: ActionDefinition | undefined): string[] {
  const lines = Object.entries(action?.parameters ?? {})
    .filter(([, { immutable }]) => immutable !== true)
    .map(([name, parameter]) => `- \`${name}\`${parameterWords(parameter)}`);
  return action === undefined || lines.length === 0 ? [] : [[`**${action.ref} takes**`, ...lines].join("\n")];
}

function parameterWords({ type, required, default: otherwise, enum: choice, description = "", secret }: Parameter): string {
  const words = [
    ...(typeof type === "string" ? [type] : []),
    ...(choice === undefined ? [] : [`one of ${choice.map((one) => `\`${said(one)}\``).join(", ")}`]),
    ...(otherwise === undefined || otherwise === null || secret === true
      ? required === true
        ? ["needed"]
        : []
      : [`otherwise \`${said(otherwise)}\``]),
  ];
  const about = words.length === 0 ? "" : ` (${words.join(", ")})`;
  return `${about}${description === "" ? "" : ` - ${description}`}`;
}

/** Backticks would end the code that it stands in. */
function said(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const shown = text.replaceAll("`", "'").replaceAll("\n", " ");
  return shown.length > 60 ? `${shown.slice(0, 59).toWellFormed()}…` : shown;
}

function line({ display, description }: { display: string; description: string }): string {
  return `- \`${display}\`${description === "" ? "" : ` - ${description}`}`;
}

function statusLine(run: Run, now: string, waiting?: ReadonlyMap<string, string>): string {
  const task = run.tasks["main"];
  const again = task !== undefined && task.attempt > 1 ? `, attempt ${task.attempt}` : "";
  const lost = task?.lostSince === undefined ? "" : ", its runner is lost and its result waited for";
  const why = waiting?.get(run.id) ?? (run.gate?.waits === "gate" ? run.gate.why : undefined);
  const waits = why === undefined ? "" : `; it waits: ${why}`;
  const by = run.asker.name ?? run.asker.id;
  return `\`${run.id}\` ${run.action}: ${run.status}, for ${ageOf(run.askedAt, now)}, asked by ${by}${again}${lost}${waits}`;
}

/** How long ago, in its largest unit. */
function ageOf(then: string, now: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(now) - Date.parse(then)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
