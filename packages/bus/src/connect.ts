import { problem, readWire, streams, toProblem, type Subject } from "@bellhop/contracts";
import { PermissionViolationError, type NatsConnection, type Status } from "nats";
import { openBucket } from "./bucket.ts";
import type { Bus, BusOptions } from "./bus.ts";
import { openConnection } from "./connection.ts";
import { figuresOver } from "./figures.ts";
import { Consuming } from "./consume.ts";
import { contents } from "./contents.ts";
import { largestPayload, store, type Link } from "./link.ts";
import { openDeadLetters } from "./dead.ts";
import { Joined } from "./membership.ts";
import { openObjects, openValues } from "./objects.ts";
import { Outbox } from "./outbox.ts";
import { encode } from "./payload.ts";
import { queueStand } from "./queue-stand.ts";
import { openReading } from "./reading.ts";
import { openRunLog } from "./run-log.ts";
import { applyPlan, findPlan, setUp } from "./set-up.ts";
import { serverFacts } from "./server-facts.ts";
import { openSnapshots } from "./snapshots.ts";

/** Connects, and keeps connected. @throws Problem nats_unreachable, nats_denied, nats_version */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const inboxPrefix = options.role === undefined ? "_INBOX" : `_INBOX_${options.role}`;
  const nc = await openConnection(options, inboxPrefix);
  return busOver(nc, { ...options, inboxPrefix });
}

function busOver(nc: NatsConnection, options: BusOptions & { inboxPrefix: string }): Bus {
  const { name, durations, log, role, inboxPrefix } = options;
  const outbox = new Outbox({ nc, name: role ?? name, inboxPrefix, log, retryMs: durations.publishRetry });
  const listeners = new Set<() => void>();
  const consumptions = new Set<{ readonly inHand: number; drain(): Promise<void> }>();
  const joined = new Set<Joined>();
  const state = { connected: true, reconnects: 0 };
  let draining: Promise<void> | undefined;

  const link: Link = {
    nc,
    outbox,
    log,
    name,
    role,
    durations,
    inboxPrefix,
    limit: largestPayload(nc),
    onReconnect(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  function onStatus(status: Status): void {
    if (status.type === "disconnect") {
      if (state.connected) log.warn({ server: status.server }, "connection to NATS lost, trying to come back");
      state.connected = false;
      outbox.onDisconnect();
    } else if (status.type === "reconnect") {
      state.connected = true;
      state.reconnects++;
      log.info({ server: status.server }, "connection to NATS is back");
      outbox.onReconnect();
      for (const listener of listeners) listener();
    } else if (status.type === "error") onError(status.error);
  }

  function onError(error: Error): void {
    if (!(error instanceof PermissionViolationError)) return log.warn({ why: error.message }, "NATS reports an error");
    const what = `${error.operation === "publish" ? "publish to" : "subscribe to"} ${error.subject}`;
    const denied = problem("nats_denied", { role: role ?? options.name, what });
    log.error({ problem: denied.data }, "NATS denies a subject");
    if (error.operation === "publish") outbox.onDenied(error.subject, denied);
  }

  void (async () => {
    for await (const status of nc.status()) onStatus(status);
  })();
  void nc.closed().then((error) => {
    outbox.close("the connection is closed");
    if (error instanceof Error) log.error({ why: error.message }, "connection to NATS closed for good");
  });

  async function drain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => (timer = setTimeout(resolve, durations.drain, "late")));
    const work = async () => {
      await Promise.all([...consumptions].map((consumption) => consumption.drain()));
      await Promise.all([...joined].map((membership) => membership.leave()));
      await outbox.empty();
    };
    const ended = await Promise.race([work().catch((thrown: unknown) => toProblem(thrown)), late]);
    clearTimeout(timer);
    if (ended !== undefined) log.warn({ ...status() }, "drained only in part; what was not acknowledged is delivered again");
    for (const membership of joined) membership.stop();
    // Draining waits for the server's word, which does not come while it is away.
    if (state.connected && ended === undefined) await nc.drain().catch(() => undefined);
    await nc.close();
    outbox.close("the bus was drained");
  }

  function status() {
    let inHand = 0;
    for (const consumption of consumptions) inHand += consumption.inHand;
    return { ...state, outbox: outbox.size, inHand };
  }

  return {
    ...openValues(link),
    log: openRunLog(link),
    dead: openDeadLetters(link),
    setUp: (layout = {}) => setUp(link, layout),
    plan: (layout = {}) => findPlan(link, layout),
    apply: (layout = {}) => applyPlan(link, layout),
    async publish(subject, payload, { id, whenFull }) {
      const concrete = subject.of(payload);
      const data = encode({ subject: concrete, payload, limit: link.limit });
      const stored = await store(link, { subject: concrete, data, id, whenFull });
      if (stored.kind === "conflict") throw problem("internal", { why: `${concrete}: a conflict where nothing was expected`, run: "-" });
      return { sequence: stored.sequence, duplicate: stored.duplicate };
    },
    tell(subject, payload) {
      const concrete = subject.of(payload);
      nc.publish(concrete, encode({ subject: concrete, payload, limit: link.limit }));
    },
    hear: (subject, filter, handler) => hear(link, { subject, filter, handler }),
    async consume(consumeOptions) {
      const consumption = await Consuming.start(link, consumeOptions);
      consumptions.add(consumption);
      return {
        async drain() {
          await consumption.drain();
          consumptions.delete(consumption);
        },
      };
    },
    read: (readOptions) => openReading(link, readOptions),
    bucket: (declaration) => openBucket(link, declaration),
    objects: (name) => openObjects(link, name),
    contents: (stream, part) => contents(link, stream, part),
    snapshots: openSnapshots(link),
    server: () => serverFacts(link, streams.run.name),
    async join(joinOptions) {
      const membership = await Joined.join(link, joinOptions);
      joined.add(membership);
      void membership.lost.then(() => joined.delete(membership));
      return membership;
    },
    drain: () => (draining ??= drain()),
    status,
    roundTripMs: () => nc.rtt(),
    figures: figuresOver(link),
    queueStand: ({ stream, filter }) => queueStand(link, { stream: stream.name, filter }),
  };
}

function hear<Payload>(
  link: Link,
  options: { subject: Subject<Payload>; filter: string; handler: (payload: Payload) => void },
): { stop(): void } {
  const { subject, filter, handler } = options;
  const subscription = link.nc.subscribe(filter, {
    callback(error, message) {
      // Told by the connection's status.
      if (error !== null) return;
      try {
        const read = readWire(subject, message.json());
        if (read.kind === "ok") handler(read.payload);
        else link.log.warn({ subject: message.subject, problem: read.problem.data }, "heard what can't be read");
      } catch (thrown) {
        link.log.warn({ subject: message.subject, problem: toProblem(thrown).data }, "hearing failed");
      }
    },
  });
  return { stop: () => subscription.unsubscribe() };
}
