import type { Durations } from "@bellhop/contracts";
import { errorCodes } from "./answers.ts";
import type { ConsumeOptions } from "./delivery.ts";
import { api, apiOrThrow, nanoseconds, type Link } from "./link.ts";

/** What the server lets one durable have under way, over all who share it. */
export const mostInHand = 1024;

/** The same where most of it is only parked. */
export const mostParked = 65_536;

type Wanted = Pick<ConsumeOptions<never>, "stream" | "filter" | "durable" | "removeIdleAfterMs"> & { groups?: object };

interface Filtered {
  filter_subject?: string;
  filter_subjects?: string[];
}

/** Makes a durable, or brings the one that is there to what is wanted now. A server that changes a durable's filter leaves it where it was in the
 *  stream: one that is to take more than before is made anew, or what it had passed over would wait for ever. */
export async function createDurable(link: Link, wanted: Wanted): Promise<void> {
  const stream = wanted.stream.name;
  const { durable } = wanted;
  const subject = subjectOf(wanted);
  const made = await api(link, { subject, body: requestOf(link, wanted, "create"), expected: [errorCodes.consumerExists] });
  if (!("error" in made)) return;
  const info = await api<{ config: Filtered }>(link, {
    subject: `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
    expected: [errorCodes.consumerNotFound],
  });
  if ("config" in info && !filtersOf(wanted).every((filter) => filtersBefore(info.config).includes(filter))) {
    await api(link, { subject: `$JS.API.CONSUMER.DELETE.${stream}.${durable}`, expected: [errorCodes.consumerNotFound] });
  }
  await apiOrThrow(link, { subject, body: requestOf(link, wanted, "") });
}

/** Makes a durable that has messages in somebody's hands anew, so that all of them come again at once, and in their order. @returns the sequence up to which messages
 *  may have been delivered before */
export async function createDurableAnew(link: Link, wanted: Wanted): Promise<number> {
  const name = `${wanted.stream.name}.${wanted.durable}`;
  const info = await api<{ num_ack_pending: number; delivered: { stream_seq: number } }>(link, {
    subject: `$JS.API.CONSUMER.INFO.${name}`,
    expected: [errorCodes.consumerNotFound],
  });
  const outstanding = !("error" in info) && info.num_ack_pending > 0;
  if (outstanding) await api(link, { subject: `$JS.API.CONSUMER.DELETE.${name}`, expected: [errorCodes.consumerNotFound] });
  await createDurable(link, wanted);
  return outstanding ? info.delivered.stream_seq : 0;
}

/** Messages that were delivered to somebody and are not acknowledged: they come again, each within ack_wait. */
export async function outstandingOf(link: Link, { stream, durable }: Pick<Wanted, "stream" | "durable">): Promise<number> {
  const info = await apiOrThrow<{ num_ack_pending?: number }>(link, { subject: `$JS.API.CONSUMER.INFO.${stream.name}.${durable}` });
  return info.num_ack_pending ?? 0;
}

/** One filter stands in the subject, so that the server can check it against permissions; several can't. */
function subjectOf({ stream, durable, filter }: Wanted): string {
  return `$JS.API.CONSUMER.CREATE.${stream.name}.${durable}${typeof filter === "string" ? `.${filter}` : ""}`;
}

function requestOf(link: Link, wanted: Wanted, action: "create" | ""): object {
  return { stream_name: wanted.stream.name, action, config: durableConfig(link.durations, wanted) };
}

/** A durable in the server's words. */
export function durableConfig(
  { ackWait }: Pick<Durations, "ackWait">,
  { durable, filter, removeIdleAfterMs, groups }: Wanted,
): Readonly<Record<string, unknown>> {
  return {
    name: durable,
    durable_name: durable,
    ...(typeof filter === "string" ? { filter_subject: filter } : { filter_subjects: filter }),
    deliver_policy: "all",
    ack_policy: "explicit",
    ack_wait: nanoseconds(ackWait),
    max_deliver: -1,
    max_ack_pending: groups === undefined ? mostInHand : mostParked,
    replay_policy: "instant",
    ...(removeIdleAfterMs === undefined ? {} : { inactive_threshold: nanoseconds(removeIdleAfterMs) }),
  };
}

function filtersOf({ filter }: Wanted): readonly string[] {
  return typeof filter === "string" ? [filter] : filter;
}

function filtersBefore({ filter_subject: one, filter_subjects: more = [] }: Filtered): readonly string[] {
  return one === undefined ? more : [one];
}
