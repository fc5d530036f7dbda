/** Sizes, in bytes unless named otherwise. */
export const limits = {
  /** A value above this travels as a reference into the object store. */
  inlineValue: 32 * 1024,
  /** A record of a run's log stays under this. */
  logRecord: 64 * 1024,
  /** A value of the datastore, as JSON: what it was before stands beside it in one message. */
  kvValue: 256 * 1024,
  /** Levels of lists and fields in a value that somebody gives: what walks through it later has a stack, and JSON that was written can be too deep for that. */
  nesting: 200,
  /** NATS's default largest payload. */
  message: 1024 * 1024,
  /** Live output kept per run. */
  runOutput: 8 * 1024 * 1024,
  /** A file that somebody sends to the bot. */
  file: 25 * 1024 * 1024,
  /** What a gateway keeps on disk while NATS is away. */
  spool: 64 * 1024 * 1024,
  /** Threads of one channel that are caught up with after a gateway was down. */
  threads: 100,
  /** Times a handler may crash on one message before the message is a dead letter. */
  deliveries: 5,
  /** Wrong tries before a claim code is void. */
  claimTries: 5,
} as const;

/** Shards of a new installation: conversations and runs are spread over this many, and engines lease them. */
export const shardCount = 16;
