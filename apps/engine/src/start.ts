import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connectBus } from "@bellhop/bus";
import { createLog, isGone, openKeyring, processIdentity, withTelemetry, type Log, type Service, type Telemetry } from "@bellhop/service";
import { apply } from "./apply.ts";
import { startAttemptSweep } from "./attempt-sweep.ts";
import type { EngineConfig } from "./config.ts";
import { endedEvent } from "./ended-event.ts";
import type { Engine } from "./engine.ts";
import { tellOfFullQueues } from "./full-queues.ts";
import { keepHistory } from "./history.ts";
import { historyPlace } from "./history-settings.ts";
import { knowledge as follow } from "./knowledge.ts";
import { showOutput } from "./live-output.ts";
import { showWorkflows } from "./live-workflow.ts";
import { followQuestions } from "./questions.ts";
import { places } from "./places.ts";
import { RunBook, type RunWatch } from "./run-book.ts";
import { holdShards } from "./shards.ts";
import { watchSlow } from "./slow-runs.ts";
import { watchEngine, type Serving } from "./watch.ts";

/** Starts an engine. Any number may run on one NATS: they share the shards. Resolves when it takes work, which is not before the first pack is
 *  active. @throws Problem nats_unreachable, config_invalid */
export async function start(config: EngineConfig): Promise<Service> {
  const log = createLog({ name: "engine", level: config.logLevel, destination: config.logFile });
  return await withTelemetry({ config, part: "engine", log }, (telemetry) => startServing(config, { log, telemetry }));
}

async function startServing(config: EngineConfig, { log, telemetry }: { log: Log; telemetry: Telemetry }): Promise<Service> {
  const { durations, owners, access = [], roles, nats, concurrency, liveOutput = true } = config;
  const named = new Map(Object.entries(config.rooms ?? {}));
  const keyring = await openKeyring(join(config.folder, "key"));
  const bus = await connectBus({ ...nats, name: "bellhop engine", role: "engine", durations, log });
  const knowledge = follow({ bus, owners, access, roles, log });
  let now: Serving | undefined;
  watchEngine(telemetry, { bus, knowledge, serving: () => now });
  const questions = followQuestions(bus);
  await Promise.all([knowledge.ready, questions.ready]);
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
    const { lateResult } = durations;
    const book = new RunBook({
      bus,
      apply: (commands, noRoom) => apply(bus, commands, { noRoom, keep: (question) => questions.keep(question) }),
      settings: async ({ workflow }) =>
        workflow === undefined
          ? { lateResult }
          : {
              lateResult,
              catalog: await knowledge.catalogOf(workflow.catalog),
              places: places({ rooms: named, membership }),
              open: (value) => keyring.openAll(value),
            },
      seal: (value) => keyring.seal(value),
      watch,
      rooms,
      onEnd: (run, outcome) => endedEvent({ bus, knowledge }, run, outcome),
    });
    const engine: Engine = { bus, book, knowledge, questions, keyring, membership, durations, liveOutput, rooms: named, log, telemetry };
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
      await bus.drain();
      log.info({}, "engine stopped");
    },
  };
}
