import { join } from "node:path";
import { connectBus } from "@bellhop/bus";
import { createLog, isGone, openKeyring, processIdentity, type Service } from "@bellhop/service";
import { apply } from "./apply.ts";
import { startAttemptSweep } from "./attempt-sweep.ts";
import type { EngineConfig } from "./config.ts";
import type { Engine } from "./engine.ts";
import { knowledge as follow } from "./knowledge.ts";
import { RunBook } from "./run-book.ts";
import { holdShards } from "./shards.ts";

/** Starts an engine. Any number may run on one NATS: they share the shards. Resolves when it takes work, which is not before the first pack is
 *  active. @throws Problem nats_unreachable, config_invalid */
export async function start(config: EngineConfig): Promise<Service> {
  const { durations, owners, nats, concurrency } = config;
  const log = createLog({ name: "engine", level: config.logLevel, destination: config.logFile });
  const keyring = await openKeyring(join(config.folder, "key"));
  const bus = await connectBus({ ...nats, name: "bellhop engine", role: "engine", durations, log });
  const knowledge = follow({ bus, owners, log });
  await knowledge.ready;
  const membership = await bus.join({
    role: "engine",
    lengthMs: durations.lease,
    renewalMs: durations.leaseRenewal,
    process: processIdentity(),
    isGone,
  });
  const book = new RunBook({ bus, apply: (commands) => apply(bus, commands), lateResult: durations.lateResult });
  const engine: Engine = { bus, book, knowledge, keyring, membership, durations, log };
  const holding = holdShards(engine, concurrency);
  const sweep = startAttemptSweep(engine);
  log.info({ member: membership.id, packs: knowledge.catalog().packs.size }, "engine started");

  const stop = async () => {
    sweep.stop();
    await holding.stop();
    knowledge.stop();
    await membership.leave();
    await bus.drain();
    log.info({}, "engine stopped");
  };
  const failed = membership.lost.then((): never => {
    throw new Error("this engine's lease was lost: it could not be renewed, or another process took its name");
  });
  // Whoever starts us may look at `failed` later than it fails.
  failed.catch(() => {});
  return { stop, failed };
}
