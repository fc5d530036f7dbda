import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connectBus } from "@bellhop/bus";
import { chainBounds } from "@bellhop/core";
import {
  createLog,
  isGone,
  nothingGiven,
  openKeyring,
  processIdentity,
  withTelemetry,
  type Log,
  type Service,
  type Telemetry,
} from "@bellhop/service";
import { apply } from "./runs/apply.ts";
import { startAttemptSweep } from "./runs/attempt-sweep.ts";
import type { EngineConfig } from "./config.ts";
import { followDatastore } from "./knowledge/datastore.ts";
import { countChains } from "./events/chains.ts";
import { decideSettings } from "./runs/decide-settings.ts";
import { endedEvent } from "./events/ended-event.ts";
import type { Engine } from "./engine.ts";
import { tellOfFullQueues } from "./runs/full-queues.ts";
import { openGates } from "./gates/gates.ts";
import { keepHistory } from "./history/history.ts";
import { historyPlace } from "./history/history-settings.ts";
import { inquiryEvents } from "./events/inquiry-events.ts";
import { knowledge as follow } from "./knowledge/knowledge.ts";
import { showOutput } from "./replies/live-output.ts";
import { showWorkflows } from "./replies/live-workflow.ts";
import { followQuestions } from "./intake/questions.ts";
import { RunBook, type RunWatch } from "./runs/run-book.ts";
import { holdShards } from "./shards/shards.ts";
import { followSchedules } from "./time/schedules.ts";
import { watchSlow } from "./replies/slow-runs.ts";
import { telling } from "./replies/places.ts";
import { toldOfEnd } from "./replies/told-of-end.ts";
import { watchEngine, type Serving } from "./upkeep/watch.ts";

/** Starts an engine. Any number may run on one NATS: they share the shards. Resolves when it takes work, which is not before the first pack is
 *  active. @throws Problem nats_unreachable, config_invalid */
export async function start(config: EngineConfig): Promise<Service> {
  const log = createLog({ name: "engine", level: config.logLevel, destination: config.logFile });
  return await withTelemetry({ config, part: "engine", log }, (telemetry) => startServing(config, { log, telemetry }));
}

async function startServing(config: EngineConfig, { log, telemetry }: { log: Log; telemetry: Telemetry }): Promise<Service> {
  const {
    durations,
    owners,
    access = [],
    roles,
    nats,
    concurrency,
    liveOutput = true,
    checkTriggers = true,
    runPage,
    timeZone = ownTimeZone(),
  } = config;
  const named = new Map(Object.entries(config.rooms ?? {}));
  const keyring = await openKeyring(join(config.folder, "key"));
  const bus = await connectBus({ ...nats, name: "bellhop engine", role: "engine", durations, log });
  const knowledge = follow({ bus, owners, access, roles, log, retryMs: durations.publishRetry });
  let now: Serving | undefined;
  watchEngine(telemetry, { bus, knowledge, serving: () => now });
  const questions = followQuestions(bus);
  const schedules = followSchedules(bus);
  const { systemValues = true, given = nothingGiven } = config;
  const schemaOf = (pack: string) => knowledge.catalog().packs.get(pack)?.config;
  const datastore = followDatastore({ bus, keyring, systemValues, given, schemaOf });
  await Promise.all([knowledge.ready, questions.ready, schedules.ready, datastore.ready]);
  const stopping = Promise.withResolvers<void>();
  const failure = Promise.withResolvers<never>();
  // Whoever starts us may look at it later than it happens.
  failure.promise.catch(() => {});

  /** From one lease to its end: at a stop, or when NATS was away for so long that others may have taken over. Nothing in memory outlives it. */
  const serve = async (begun: () => void): Promise<"stopped" | "lost"> => {
    const membership = await bus.join({
      role: "engine",
      lengthMs: durations.lease,
      renewalMs: durations.leaseRenewal,
      process: processIdentity(),
      isGone,
    });
    const slow = watchSlow({
      afterMs: durations.acknowledgeAfter,
      onSlow: (run) => book.step(run, { kind: "slow", id: "slow", at: new Date().toISOString() }),
      log,
    });
    const output = showOutput({ bus, book: () => book, durations, log });
    const workflows = showWorkflows({ bus, book: () => book, durations, log });
    const watch: RunWatch = {
      seen(run) {
        slow.seen(run);
        output.seen(run);
        workflows.seen(run);
      },
      forgotten(run) {
        slow.forgotten(run);
        output.forgotten(run);
        workflows.forgotten(run);
      },
      ended: ({ status }) => telemetry.count("bellhop_runs_ended_total", { status }),
    };
    const rooms = tellOfFullQueues({ bus, afterMs: durations.unclaimedNotice, log });
    const chains = countChains(config.chain ?? chainBounds);
    const gates = openGates({ bus, knowledge, durations });
    const book = new RunBook({
      bus,
      apply: (commands, noRoom, begin) =>
        apply(bus, commands, { noRoom, keep: (question) => questions.keep(question), schedules, gates, begin }),
      settings: (run, how) =>
        decideSettings({ knowledge, keyring, durations, rooms: named, membership, datastore, checkTriggers }, run, how),
      seal: (value) => keyring.seal(value),
      watch,
      rooms,
      events: async ({ state, outcome, ends, commands }) => [
        ...(await inquiryEvents({ bus, knowledge }, state, commands)),
        ...(ends ? await endedEvent({ bus, knowledge }, state, outcome) : []),
        ...(ends
          ? await toldOfEnd({ bus, telling: telling({ knowledge, rooms: named, membership }), datastore, log }, state, outcome)
          : []),
      ],
    });
    const engine: Engine = {
      bus,
      book,
      knowledge,
      questions,
      gates,
      chains,
      schedules,
      datastore,
      timeZone,
      runPage,
      keyring,
      membership,
      durations,
      liveOutput,
      checkTriggers,
      rooms: named,
      log,
      telemetry,
    };
    const holding = holdShards(engine, concurrency);
    now = { engine, held: () => holding.held() };
    const sweep = startAttemptSweep(engine);
    const history =
      config.history === undefined
        ? undefined
        : keepHistory({ ...engine, place: historyPlace(config.history, config.folder), keepDays: config.history.keepDays });
    log.info({ member: membership.id, packs: knowledge.catalog().packs.size }, "engine serves");
    begun();
    const end = await Promise.race([stopping.promise.then(() => "stopped" as const), membership.lost.then(() => "lost" as const)]);
    now = undefined;
    sweep.stop();
    await holding.stop();
    output.stop();
    workflows.stop();
    await history?.stop();
    await membership.leave();
    return end;
  };

  const first = Promise.withResolvers<void>();
  const serving = (async () => {
    while ((await serve(first.resolve)) === "lost") log.warn({}, "the lease was lost, beginning anew");
  })();
  serving.catch(failure.reject);
  await Promise.race([first.promise, failure.promise]);

  return {
    failed: failure.promise,
    async stop() {
      stopping.resolve();
      // With NATS away nothing can be finished; it is all stored, and goes on elsewhere.
      await Promise.race([serving, pause(durations.drain, undefined, { ref: false })]);
      knowledge.stop();
      questions.stop();
      schedules.stop();
      datastore.stop();
      await bus.drain();
      log.info({}, "engine stopped");
    },
  };
}

function ownTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
