import type { Run, Send } from "@bellhop/contracts";
import { fillTemplate } from "../template.ts";
import { readExtra } from "./extra.ts";
import { fits } from "./fit.ts";
import { replyNames, withMentions } from "./names.ts";
import { about, replySend } from "./send.ts";

/** What shows that a run is waited for. */
export type Acknowledged = NonNullable<Run["acknowledged"]>;

const emoji = "👀";

/** How a run is to be acknowledged should it take a while, or undefined: it is already, has no message to show it on, or something stands in the place of
 *  its reply. A prompt shows by itself that it waits. */
export function acknowledgementOf(run: Run): Acknowledged | undefined {
  if (run.acknowledged !== undefined || run.replyTo.platform === "terminal" || run.replyTo.message === undefined) return undefined;
  if ((run.reworded?.revision ?? 0) > 0) return undefined;
  const { enabled, as, format } = run.reply.acknowledgement ?? { enabled: true };
  return enabled ? (as ?? (format === undefined ? "reaction" : "message")) : undefined;
}

/** Shows that we are at it. A message is the first wording of the reply, which the result then takes the place of. */
export function acknowledge(run: Run, as: Acknowledged): Send {
  if (as === "message") {
    const { format, extra } = run.reply.acknowledgement ?? {};
    const { cards, native } = readExtra({ extra, platform: run.replyTo.platform, names: replyNames({ run }) });
    const shown = { ...(cards.length === 0 ? {} : { cards }), ...(native === undefined ? {} : { native }) };
    return { ...replySend(run, withMentions({ text: acknowledgementWords(run), tone: "info", ...shown }, run, format)), final: false };
  }
  return gestureOf(run, 1, as === "typing" ? { kind: "typing" } : { kind: "reaction", emoji });
}

/** What has to go when a run is over. A message is reworded by the reply, and typing ends with it. */
export function unacknowledge(run: Run): Send[] {
  return run.acknowledged === "reaction" ? [gestureOf(run, 2, { kind: "reaction", emoji, gone: true })] : [];
}

function gestureOf(run: Run, revision: number, gesture: NonNullable<Send["gesture"]>): Send {
  return { ...about(run, `${run.id}/ack`, { text: "", tone: "info" }), revision, gesture, final: false };
}

/** What an acknowledgement in words says. */
export function acknowledgementWords(run: Run): string {
  const filled = fillTemplate(run.reply.acknowledgement?.format ?? "", replyNames({ run }), "empty");
  // What an author sets apart stands below.
  const text = filled.kind === "ok" ? filled.text.replace("{~}", "\n").trim() : "";
  const words = text === "" || !fits(text) ? `I am at it: ${run.action}, run \`${run.id}\`.` : text;
  const { page, acknowledgement } = run.reply;
  const isLinked = page !== undefined && acknowledgement?.appendUrl !== false && !words.includes(page);
  return isLinked ? `${words} (details: <${page}>)` : words;
}
