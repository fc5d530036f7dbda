import { randomBytes } from "node:crypto";
import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectBus } from "@bellhop/bus";
import { durables, subjects, type AttemptRef } from "@bellhop/contracts";
import { createLog, nothingGiven, openKeyring, withTelemetry, type Log, type Service, type Telemetry } from "@bellhop/service";
import type { RunnerConfig } from "./config.ts";
import { keepContact } from "./contact.ts";
import { openDesks } from "./desks.ts";
import { emptyHand } from "./hand.ts";
import { forget, takeIdentity, takeOrphans } from "./identity.ts";
import { openJournal, type JournalEntry } from "./journal.ts";
import { onActionRequested, onDeadRequest } from "./on-action-requested.ts";
import { openPackConfigs } from "./pack-configs.ts";
import { modulesRoot, openPacks, removeDrafts } from "./packs.ts";
import { createKeeper } from "./process/keeper.ts";
import { sweepMarks } from "./process/mark.ts";
import { startTether } from "./process/tether.ts";
import { createWorkers } from "./process/workers.ts";
import { recover } from "./recover.ts";
import { startSensors } from "./sensors/start-sensors.ts";
import { openSettling } from "./settling.ts";
import { openSlots } from "./slots.ts";
import type { Runner } from "./runner.ts";
import { watchRunner } from "./watch.ts";

/** Starts a runner. Any number may run on one NATS, also from one folder: they share the work. Resolves when it takes work.
 *  @throws Problem nats_unreachable */
export async function start(config: RunnerConfig): Promise<Service> {
  const log = createLog({ name: "runner", level: config.logLevel, destination: config.logFile });
  return await withTelemetry({ config, part: "runner", log }, (telemetry) => startWorking(config, { log, telemetry }));
}

async function startWorking(config: RunnerConfig, { log, telemetry }: { log: Log; telemetry: Telemetry }): Promise<Service> {
  const ground = await lay(config, log);
  try {
    return await serve(config, { ...ground, telemetry });
  } catch (error) {
    await ground.leave();
    throw error;
  }
}

/** What a runner stands on before it talks to anybody. */
async function lay({ folder, durations, memoryMb, id: named }: RunnerConfig, processLog: Log) {
  const identities = join(folder, "runner");
  const identity = await takeIdentity(identities, named);
  const { id } = identity;
  const log = processLog.child({ runner: id });
  // Not in `packs`: where the folder is the working folder too, as in a unit or an image, those are somebody's own packs, which `up` follows.
  const packsFolder = join(folder, "cache", "versions");
  mkdirSync(packsFolder, { recursive: true });
  const root = realpathSync(packsFolder);
  const mark = `${identity.uniqueName}.${randomBytes(8).toString("hex")}`;
  const tether = await startTether(mark);
  const children = { mark: () => mark, killGraceMs: durations.killGrace, cacheFolder: join(folder, "cache", "node"), log };
  const workers = createWorkers({ ...children, root, memoryMb });
  const keeper = createKeeper(children);
  // While we connect: the first action finds it ready.
  workers.warm();
  return {
    identities,
    identity,
    id,
    log,
    root,
    mark,
    workers,
    keeper,
    async leave() {
      await Promise.all([workers.stop(), keeper.stop()]);
      await tether.release();
      identity.release();
    },
  };
}

async function serve(config: RunnerConfig, ground: Awaited<ReturnType<typeof lay>> & { telemetry: Telemetry }): Promise<Service> {
  const { durations, folder, nats, pools, concurrency } = config;
  const { identities, identity, id, log, root, mark, workers, keeper, telemetry } = ground;
  const keyring = await openKeyring(join(folder, "key"));
  const bus = await connectBus({ ...nats, name: `bellhop runner ${id}`, role: "runner", durations, log });
  const journal = openJournal(join(identity.folder, "attempts"), log);
  for (const unpacked of [root, modulesRoot(root)]) await removeDrafts(unpacked);
  const orphans = await takeOrphans(identities, id);
  // Nothing of an earlier life may still run when its attempts are told as over, nor when others see that this life began.
  const swept = await sweepMarks({ of: [identity, ...orphans].map(({ uniqueName }) => `${uniqueName}.`), except: [`${mark}.`] });
  if (swept > 0) log.warn({ processes: swept }, "leftovers of an earlier life were ended");

  const desks = openDesks({ folder: join(identity.folder, "desks"), bus, log });
  await desks.sweep(withFiles(journal.left));

  const hand = emptyHand();
  const contact = await keepContact({ bus, id, pools, hand, durations, log });
  watchRunner(telemetry, { bus, hand, contact });
  const packs = openPacks(bus, root);
  const { claimant, mayClaim } = contact;
  const packPatienceMs = 3 * durations.unclaimedNotice;
  const settling = openSettling(mostSettling);
  const slots = openSlots({ slots: concurrency, shortMs: shortAttemptMs });
  const { given = nothingGiven, checkOutput = false, systemValues = true } = config;
  const configs = openPackConfigs({ bus, given, keyring, systemValues, patienceMs: durations.unclaimedNotice });
  const stores = { journal, desks, packs, packPatienceMs, configs, keyring, checkOutput, systemValues };
  const runner: Runner = { bus, claimant, mayClaim, hand, slots, settling, ...stores, keeper, workers, log, telemetry };
  const left = { entries: journal.left, orphans };
  const recovering = recoverAll();
  const listening = bus.hear(subjects.control, subjects.control.filter(), ({ run, task }) => {
    for (const held of hand.all()) if (held.request.run === run && (task ?? held.request.task) === held.request.task) held.end("cancel");
  });
  const consumptions = await Promise.all(
    pools.map((pool) =>
      bus.consume({
        ...durables.pool(pool),
        subject: subjects.action.requested,
        concurrency: () => slots.inHand(),
        // A request that waits here for a free hand could be another runner's work.
        prefetch: 0,
        newerLives: () => contact.outdated(pool),
        keyOf: ({ run, task, attempt }) => `${run}/${task}/${attempt}`,
        handle: (request, delivery) => onActionRequested(runner, request, delivery),
        onDead: (request, raw, problem) => onDeadRequest(runner, request, raw, problem),
      }),
    ),
  );
  let processes = 0;
  const sensors =
    config.sensors === true
      ? startSensors({
          bus,
          runner: id,
          pools,
          durations,
          packs,
          configs,
          root,
          log,
          nextMark: () => `${mark}.s${++processes}`,
          checkTriggers: config.checkTriggers ?? true,
          foreignTriggers: config.foreignTriggers ?? {},
          memoryMb: config.memoryMb,
          cacheFolder: join(folder, "cache", "node"),
        })
      : undefined;
  log.info({ pools, concurrency }, "runner started");

  let stopping: Promise<void> | undefined;
  return {
    stop: () => (stopping ??= stop()),
    failed: new Promise<never>(() => {}),
  };

  async function stop(): Promise<void> {
    // Without NATS nothing can be told any more: what is finished lies in the journal, and the next life brings it.
    const drained = Promise.all([within(durations.drain, sensors?.stop() ?? Promise.resolve()), ...consumptions.map((one) => one.drain())]);
    await within(durations.drain, drained);
    for (const held of hand.all()) held.end("left");
    await within(
      durations.drain,
      Promise.all([drained, recovering]).then(() => settling.settled()),
    );
    listening.stop();
    configs.stop();
    // Nothing of ours may run any more when others see that this life is over.
    await Promise.all([workers.stop(), keeper.stop()]);
    await within(durations.drain, contact.leave());
    await bus.drain();
    journal.close();
    await ground.leave();
    log.info({}, "runner stopped");
  }

  async function recoverAll(): Promise<void> {
    try {
      await recover(runner, { id, entries: left.entries });
      for (const orphan of left.orphans) {
        const theirs = openJournal(join(orphan.folder, "attempts"), log);
        const theirDesks = openDesks({ folder: join(orphan.folder, "desks"), bus, log });
        await recover({ bus, journal: theirs, desks: theirDesks, log }, { id: orphan.id, entries: theirs.left });
        theirs.close();
        forget(orphan);
      }
    } catch (error) {
      log.error({ error: String(error) }, "what an earlier life left could not be brought to an end: the next start tries again");
    }
  }
}

/** Attempts whose files still have to be stored: everything else on a desk of an earlier life is of no use. */
function withFiles(entries: readonly JournalEntry[]): AttemptRef[] {
  return entries.filter(({ result }) => result?.files !== undefined).map(({ attempt }) => attempt);
}

/** An attempt up to this long takes about as long as being claimed. */
const shortAttemptMs = 20;

/** Each may hold a result in memory. */
const mostSettling = 256;

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  const out = delay(ms, undefined, { signal: patience.signal }).catch(() => {});
  await Promise.race([work, out]).finally(() => patience.abort());
}
