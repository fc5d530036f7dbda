import { hash, isFields, problem, type Address, type Announcement, type Body, type Problem, type Run, type Send } from "@bellhop/contracts";
import { extraOf } from "../reply/extra.ts";
import { placesNamed, roomOf, roomWords, type Places } from "./place.ts";

type Announced = { kind: "ok"; announcement: Announcement } | { kind: "refused"; problem: Problem };

/** Where an action of the kind `announcement` speaks, and what it says there.
 *  @param at.input checked: see `kinds` */
export function announcementOf(at: { action: string; input: Readonly<Record<string, unknown>>; places: Places }): Announced {
  const { action, input, places } = at;
  const text = textIn(input, "message") ?? "";
  const fault = textFault({ action, parameter: "message", text });
  if (fault !== undefined) return { kind: "refused", problem: fault };
  const place = placesNamed({ rooms: [textIn(input, "channel") ?? "here"], account: textIn(input, "account") }, places);
  if (place.kind === "refused") return place;
  const named = whoIn(action, input);
  if (named.kind === "refused") return named;
  const [to, ...also] = place.to.map((room) => inThread(room, textIn(input, "thread_id")));
  if (to === undefined) throw new Error("a room that was named is at least one place");
  const extra = extraIn(input);
  return {
    kind: "ok",
    announcement: { to, ...(also.length === 0 ? {} : { also }), text, ...named.who, ...(extra === undefined ? {} : { extra }) },
  };
}

/** What an announcement says, and what it gives for a result.
 *  @param key names the send for ever; those in further rooms by the room */
export function announced(run: Run, key: string, announcement: Announcement): { output: Record<string, unknown>; sends: Send[] } {
  const { to: first, also = [], text, only, calls, extra } = announcement;
  const whisper = only === undefined ? {} : { only };
  const sends = [first, ...also].map((to, index): Send => {
    const { platform, account } = to;
    const name = index === 0 ? key : `${key}/${hash(roomOf(to)).slice(0, 16)}`;
    const body = bodyOf({ text, platform, ...(calls === undefined ? {} : { calls }), ...(extra === undefined ? {} : { extra }) });
    return { v: 1, key: name, revision: 1, run: run.id, final: true, refusalTo: run.replyTo, platform, account, to, body, ...whisper };
  });
  const channel = [first, ...also].map(roomWords).join(", ");
  return { output: { channel, account: first.account, message: text }, sends };
}

/** Words and what is beside them, as one platform is to show them.
 *  @param at.calls who is called by name before them: their id on the platform */
export function bodyOf(at: {
  text: string;
  platform: string;
  calls?: string;
  extra?: Readonly<Record<string, unknown>>;
  tone?: Body["tone"];
}): Body {
  const { text, platform, calls, extra, tone = "info" } = at;
  const { cards, native } = extraOf({ extra, platform });
  const beside = { ...(cards.length === 0 ? {} : { cards }), ...(native === undefined ? {} : { native }) };
  if (calls === undefined) return { text, tone, ...beside };
  // Whoever wrote the text can't have known it.
  const who = `@${hash(`${text}/${calls}/mention`).slice(0, 20)}`;
  return { text: `${who}: ${text}`, tone, ...beside, mentions: [{ token: who, person: calls }] };
}

/** What is wrong with words that are to be said; longer ones are a document, and would not stand in one record of a run's log. */
export function textFault({ action, parameter, text }: { action: string; parameter: string; text: string }): Problem | undefined {
  if (text.trim() === "") return problem("parameter_invalid", { action, parameter, found: "nothing", expected: "some words" });
  if (text.length <= longest) return undefined;
  const expected = `${longest} characters at most`;
  return problem("parameter_invalid", { action, parameter, found: `${text.length} characters`, expected });
}

const longest = 8_000;

/** Who is called by name, or alone sees it. */
export function whoIn(
  action: string,
  input: Readonly<Record<string, unknown>>,
): { kind: "ok"; who: { only?: string; calls?: string } } | { kind: "refused"; problem: Problem } {
  const user = textIn(input, "user");
  if (input["whisper"] !== true) return { kind: "ok", who: user === undefined ? {} : { calls: user } };
  if (user !== undefined) return { kind: "ok", who: { only: user } };
  const what = { action, parameter: "user", found: "nobody", expected: "the id of whoever it is whispered to" };
  return { kind: "refused", problem: problem("parameter_invalid", what) };
}

/** A thread that somebody named by the platform's own id. */
export function inThread(room: Address, thread: string | undefined): Address {
  return thread === undefined ? room : { ...room, thread };
}

export function extraIn(input: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const { extra } = input;
  return isFields(extra) && Object.keys(extra).length > 0 ? { ...extra } : undefined;
}

export function textIn(input: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = input[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
