import { problem, type Posting, type Problem } from "@bellhop/contracts";
import { extraIn, inThread, textFault, textIn, whoIn } from "../run/announce.ts";
import { isPrompt, placesNamed, type Places } from "../run/place.ts";
import { rulePlatform } from "../rule/enforce.ts";

type PlannedPosting = { kind: "ok"; posting: Posting } | { kind: "refused"; problem: Problem };

/** What an action of the kind `post`, `post-result` or `format-result` says, and where.
 *  @param at.input checked: see `kinds` */
export function postingOf(at: { kind: string; action: string; input: Readonly<Record<string, unknown>>; places: Places }): PlannedPosting {
  const { kind, action, input, places } = at;
  const { here } = places;
  const around = here.platform === rulePlatform ? {} : { here: inThread(here, textIn(input, "thread_id")) };
  const run = textIn(input, "execution_id") ?? "";
  if (kind === "format-result") return { kind: "ok", posting: { says: { kind: "form", run } } };
  const text = textIn(input, "text") ?? "";
  const fault = kind === "post" ? textFault({ action, parameter: "text", text }) : undefined;
  if (fault !== undefined) return { kind: "refused", problem: fault };
  const rooms = roomsIn(kind === "post" ? input["to"] : input["channel"]);
  const placed = rooms === undefined ? undefined : placesNamed({ rooms, account: textIn(input, "account") }, places);
  if (placed?.kind === "refused") return placed;
  const parameter = kind === "post" ? "to" : "channel";
  const count = placed?.to.filter((room) => !isPrompt(room)).length ?? 0;
  if (count > mostPlaces) return { kind: "refused", problem: tooManyRooms({ action, parameter, count }) };
  const named = whoIn(action, input);
  if (named.kind === "refused") return named;
  const [key, thread] = [textIn(input, "key"), textIn(input, "thread")];
  for (const [name, value] of Object.entries({ key, thread })) {
    if (value !== undefined && value.length > longestKey) return { kind: "refused", problem: tooLong(action, name, value) };
  }
  const extra = extraIn(input);
  const posting: Posting = {
    ...around,
    says: kind === "post" ? { kind: "text", text } : { kind: "result", run },
    ...named.who,
    ...(key === undefined ? {} : { key }),
    ...(thread === undefined ? {} : { thread }),
    ...(placed === undefined ? {} : { to: placed.to.map((room) => inThread(room, textIn(input, "thread_id"))) }),
    ...(extra === undefined ? {} : { extra }),
  };
  // Words that have a name may stand somewhere already, and go where those stand below which they are said.
  if (placed !== undefined || around.here !== undefined || key !== undefined || thread !== undefined) return { kind: "ok", posting };
  const what = { action, parameter, found: "nothing", expected: "a room: nobody asked for it in one" };
  return { kind: "refused", problem: problem("parameter_invalid", what) };
}

/** Words may stand in as many rooms, prompts not counted: those are opened and closed, and nobody who names their room knows how many there are. */
export const mostPlaces = 32;

/** What is wrong with words that would stand in more. */
export function tooManyRooms({ count, ...what }: { action: string; parameter: string; count: number }): Problem {
  return problem("parameter_invalid", { ...what, found: `${count} rooms`, expected: `${mostPlaces} at most` });
}

const longestKey = 200;

/** One room, or several. */
function roomsIn(value: unknown): string[] | undefined {
  const rooms = (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === "string" && one !== "");
  return rooms.length === 0 ? undefined : rooms;
}

function tooLong(action: string, parameter: string, value: string): Problem {
  return problem("parameter_invalid", { action, parameter, found: `${value.length} characters`, expected: `${longestKey} at most` });
}
