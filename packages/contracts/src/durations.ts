/** Every duration of the product, in milliseconds, overridable by configuration (`durations:` in bellhop.yaml). One table, so that a test
 *  under bad weather can shrink all of them together and keep their ratios: see `scaled`. */
export const durations = {
  /** A process lease (engine, gateway) is over when no renewal was seen for this long on the watcher's own monotonic clock. */
  lease: 5_000,
  leaseRenewal: 1_000,
  /** On several NATS servers no lease is shorter: after a server's death the others take four to nine seconds to elect who leads, mostly less than seven, and nothing is
   *  renewed meanwhile. No longer either: what has died with its machine is to be elsewhere within ten seconds, and it takes one to be seen and some to begin. */
  clusterLease: 8_500,
  /** A runner's lease is longer: losing it can end attempts. */
  runnerLease: 15_000,
  runnerLeaseRenewal: 3_000,
  /** Out of contact for this long, a runner kills its repeatable attempts: shorter than its lease, so that no two run at once. */
  runnerIsolation: 12_000,
  /** JetStream's ack_wait; a handler that still works says so three times in it. */
  ackWait: 5_000,
  /** How long the late result of an attempt that started on a lost runner is waited for before the run ends `abandoned`. */
  lateResult: 300_000,
  /** After this long in the queue with no runner taking it, the person who asked is told. */
  unclaimedNotice: 10_000,
  /** How often an engine looks at attempts that are out. */
  attemptSweep: 2_000,
  /** How often the gates of actions with policies are gone through: for passes that nobody knows, and for circles of those who wait. */
  gateSweep: 5_000,
  /** How soon an engine notices that its clock was set, or that the machine slept, where a tick is due. */
  clockLook: 5_000,
  /** A publish without PubAck is sent again with the same id after this long. */
  publishRetry: 2_000,
  /** Duplicate window of received messages, and of every other stream. */
  duplicateWindowReceived: 900_000,
  duplicateWindow: 120_000,
  /** How long an action may run when its definition names no time-out. */
  actionTimeout: 60_000,
  /** Between asking a process to end (SIGTERM) and ending it (SIGKILL). */
  killGrace: 500,
  /** How long a person is waited for who was asked what a command lacks. */
  question: 600_000,
  /** How long a claim code for the first owner is good. */
  claimCode: 600_000,
  /** Draining at SIGTERM gives work in hand this long. */
  drain: 10_000,
  /** An HTTP call to a chat platform is given up, and so unsure, after this long. */
  platformCall: 30_000,
  /** The minute in which chat platforms count their limits. Shorter only where what plays the platform counts by a shorter one too. */
  platformMinute: 60_000,
  /** So much of a platform's history before what was heard is read once more: Slack's tries at an event spread over six minutes. */
  catchUpOverlap: 360_000,
  /** A command that has no answer by then is acknowledged. */
  acknowledgeAfter: 250,
  /** What a command prints is shown in its chat when it works for longer than this. */
  showOutputAfter: 1_000,
  /** A message that stands is reworded at most this often; what is newer by then is said instead. */
  rewordEvery: 1_000,
  /** A reply that could not be said for this long says so. */
  lateReply: 600_000,
  /** After this many milliseconds one call tries whether a platform that failed again and again is back; doubled up to the next line. */
  breakerPause: 1_000,
  breakerLongestPause: 60_000,
  /** After this long a sensor that failed begins anew; doubled each time up to the next line, and from the start where it worked for as long as the one after. */
  sensorPause: 1_000,
  sensorLongestPause: 300_000,
  sensorHealthy: 60_000,
  /** What a gateway hears and NATS has not confirmed for this long goes to the disk: Slack waits three seconds for its acknowledgement. */
  spoolAfter: 1_000,
  /** Figures for whoever watches are read this often at most, however often they are asked for. */
  figuresEvery: 5_000,
  /** How often a place's high-water mark is written at most. */
  markEvery: 1_000,
  /** A gateway that was down catches up with what was said in this time. */
  catchUpRetention: 7 * 86_400_000,
  /** How often marks of deleted keys and stale holdings are taken away, and how old such marks must be; how often objects are looked for that nothing names. */
  tidyEvery: 3_600_000,
  sweepEvery: 86_400_000,
  /** Retention of records of what is over: attempts and receipts; of the run log; of live output. */
  recordRetention: 8 * 86_400_000,
  runLogRetention: 30 * 86_400_000,
  outputRetention: 86_400_000,
  /** An object that nobody refers to is kept for so long, for whoever is about to. */
  objectRetention: 86_400_000,
} as const;

export type DurationName = keyof typeof durations;
export type Durations = Record<DurationName, number>;

/** The table with some entries replaced, then every one multiplied by `factor` (0.1 in fault tests; retention is left alone). */
export function scaled(factor: number, overrides: Partial<Durations> = {}): Durations {
  const table: Durations = { ...durations, ...overrides };
  for (const name of Object.keys(table) as DurationName[]) {
    if (!name.endsWith("Retention")) table[name] = Math.max(1, Math.round(table[name] * factor));
  }
  return table;
}
