import { buckets, streamNames, streams } from "@bellhop/contracts";

/** Of processes, of ten minutes, or said by the log; a checkpoint from after the log was copied would hide runs. */
const leftOut = [buckets.member, buckets.holding, buckets.sensorStatus, buckets.claim, buckets.checkpoint].map(({ name }) => `KV_${name}`);

/** What is due is published before its record is moved on: the record comes before the queue. Whoever takes from a queue stores what that led to before it acknowledges. So each queue comes before what its takers write, and what is gone from one copy is in
 *  a later one: docs/decisions/0019. Objects come last: they are stored before anything names them. */
const first = [
  `KV_${buckets.tick.name}`,
  `KV_${buckets.schedule.name}`,
  streams.message.name,
  streams.trigger.name,
  streams.asked.name,
  streams.action.name,
  `KV_${buckets.attempt.name}`,
  streams.finished.name,
  streams.run.name,
  streams.send.name,
  `KV_${buckets.receipt.name}`,
];

/** What is copied of NATS, in this order. */
export function streamsInOrder(): string[] {
  const rest = streamNames().filter((name) => !first.includes(name) && !leftOut.includes(name));
  const isObjects = (name: string) => name.startsWith("OBJ_");
  return [...first, ...rest.filter((name) => !isObjects(name)), ...rest.filter(isObjects)];
}

/** What an installation has before anything was done with it: who starts it has packs activated. */
const ofAnyStart = [...leftOut, ...[buckets.catalog, buckets.version, buckets.mark].map(({ name }) => `KV_${name}`), "OBJ_packs"];

/** Streams that hold something only where an installation is used. */
export function streamsInUse(): string[] {
  return streamNames().filter((name) => !ofAnyStart.includes(name));
}

/** How far gateways had heard: what was said since then was heard by the old installation. */
export const forgottenUnlessResumed = [`KV_${buckets.mark.name}`];

/** The stream that stands for as long as a restore is not finished. */
export const restoring = "RESTORING";
