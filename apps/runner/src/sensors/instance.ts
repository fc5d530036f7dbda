import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fire, type Bus, type Entry } from "@bellhop/bus";
import {
  buckets,
  sensorKey,
  toProblem,
  type Durations,
  type SensorDefinition,
  type SensorStatus,
  type TriggerDefinition,
} from "@bellhop/contracts";
import { configEnvironment, restartDelay } from "@bellhop/core";
import type { Log } from "@bellhop/service";
import type { PackConfigs } from "../pack-configs.ts";
import type { Packs } from "../packs.ts";
import { openAnswering, type Answering } from "./answering.ts";
import { startChild, type ChildEnd, type SensorChild } from "../process/sensor-child.ts";
import { openStatus, type Status } from "./status.ts";

/** An instance of a sensor as it shall be. */
export interface Wanted {
  readonly definition: SensorDefinition;
  readonly version: {
    readonly name: string;
    readonly digest: string;
    readonly config?: Parameters<PackConfigs["valuesFor"]>[0]["version"]["config"];
  };
  /** Those of its pack. */
  readonly triggers: readonly TriggerDefinition[];
  /** One of any active pack, as it is now. */
  readonly triggerOf: (ref: string) => TriggerDefinition | undefined;
  readonly partition: { readonly index: number; readonly count: number };
  readonly restart?: string;
}

/** What instances work with. */
export interface SensorGround {
  readonly bus: Bus;
  /** The runner's name. */
  readonly runner: string;
  readonly packs: Packs;
  readonly configs: PackConfigs;
  readonly checkTriggers: boolean;
  /** By pack, which triggers of others its sensors may fire. */
  readonly foreignTriggers: Readonly<Record<string, readonly string[]>>;
  /** A mark for a process, new each time. */
  readonly nextMark: () => string;
  readonly root: string;
  readonly memoryMb: number;
  readonly cacheFolder: string;
  readonly durations: Durations;
  readonly log: Log;
}

export interface Instance {
  readonly wanted: Wanted;
  /** Ends it. Resolves when nothing of it runs any more. `lost`: at once, since it may be another runner's. */
  stop(how: "unwanted" | "moved" | "lost"): Promise<void>;
}

/** How one go of the process ended. */
type Went = { kind: "looked" } | { kind: "ended" } | { kind: "failed"; why: string } | { kind: "refused"; why: string };

/** Keeps an instance alive, through failures and pauses, until it is stopped.
 *  @param at.isMine whether its holding is this runner's now, and its lease fresh */
export function startInstance(ground: SensorGround, { wanted, isMine }: { wanted: Wanted; isMine: () => boolean }): Instance {
  const { bus, log } = ground;
  const { killGrace: killGraceMs, publishRetry: retryMs } = ground.durations;
  const { definition, version, partition, restart } = wanted;
  const { ref } = definition;
  const stopping = new AbortController();
  const { signal } = stopping;
  let child: SensorChild | undefined;
  let how: Parameters<Instance["stop"]>[0] = "unwanted";
  let status: Status | undefined;
  const living = live().catch((error: unknown) => {
    if (!signal.aborted) log.error({ sensor: ref, error: String(error) }, "a sensor's life broke off");
  });

  return {
    wanted,
    async stop(given) {
      how = given;
      stopping.abort();
      child?.stop({ graceMs: given === "lost" ? 0 : killGraceMs });
      await living;
      if (given === "unwanted") status?.change({ state: "stopped" });
      await status?.settle();
    },
  };

  async function live(): Promise<void> {
    const stands = await earlier();
    const before = stands?.value;
    const goesOn = before?.digest === version.digest && before.restart === restart;
    const first: SensorStatus = {
      v: 1,
      sensor: ref,
      partition,
      digest: version.digest,
      runner: ground.runner,
      state: "running",
      since: new Date().toISOString(),
      failures: goesOn ? before.failures : 0,
      restarts: before?.restarts ?? 0,
      ...(restart === undefined ? {} : { restart }),
      events: goesOn ? before.events : 0,
      ...(before?.event === undefined ? {} : { event: before.event }),
      ...(before?.error === undefined ? {} : { error: before.error }),
      log: before?.log ?? [],
    };
    const mayWrite = () => isMine() || how === "unwanted";
    status = openStatus({ bus, first, revision: stands?.revision ?? 0, mayWrite, everyMs: ground.durations.markEvery, log });
    if (goesOn && before.state === "ended") return await rest({ kind: "ended" }, status);
    if (goesOn && before.state === "waiting" && before.until !== undefined) await waitUntil(before.until, status);
    while (!signal.aborted) {
      const went = await once(status).catch((error: unknown): Went => ({ kind: "failed", why: toProblem(error).message }));
      if (signal.aborted) return;
      if (went.kind === "looked") {
        if (status.now().failures > 0) status.change({ failures: 0 });
        await pause((definition.pollInterval ?? 0) * 1_000);
      } else if (went.kind === "failed") await fail(went.why, status);
      else return await rest(went, status);
    }
  }

  async function fail(why: string, status: Status): Promise<void> {
    const { failures: before, restarts } = status.now();
    const failures = before + 1;
    const { sensorPause: first, sensorLongestPause: longest } = ground.durations;
    const ms = restartDelay({ failures, first, longest, chance: Math.random() });
    status.say("error", `${why}; it begins anew in ${Math.round(ms / 100) / 10} s`);
    log.warn({ sensor: ref, partition: partition.index, why, failures, ms }, "a sensor failed");
    status.change({ failures, restarts: restarts + 1, error: { why, at: new Date().toISOString() } });
    await waitUntil(new Date(Date.now() + ms).toISOString(), status);
  }

  async function waitUntil(until: string, status: Status): Promise<void> {
    status.change({ state: "waiting", until });
    // Another runner's clock may have said it.
    await pause(Math.min(Date.parse(until) - Date.now(), ground.durations.sensorLongestPause));
    if (!signal.aborted) status.change({ state: "running" });
  }

  /** Nothing more is to be done for it. */
  async function rest(went: Exclude<Went, { kind: "looked" | "failed" }>, status: Status): Promise<void> {
    if (went.kind === "refused") {
      status.say("error", went.why);
      status.change({ state: "refused", error: { why: went.why, at: new Date().toISOString() } });
      log.warn({ sensor: ref, why: went.why }, "a sensor can't be run");
    } else {
      status.change({ state: "ended" });
      // Whoever has it next is not to begin it again.
      await status.settle();
    }
    await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })));
  }

  /** One life of the process. A program that looks is one process for each look. */
  async function once(status: Status): Promise<Went> {
    const { kind, entryPoint, pollInterval } = definition;
    if (kind === "python")
      return { kind: "refused", why: "No runner here runs sensors in Python yet. Its triggers can be fired by other means." };
    let folder: string;
    let config: { values: Record<string, unknown>; secrets: readonly string[] };
    try {
      ({ folder } = await ground.packs.ensure(version.digest));
      config = await ground.configs.valuesFor({ version, action: ref });
    } catch (error) {
      const { message, hint } = toProblem(error);
      return { kind: "failed", why: `${message} ${hint}`.trim() };
    }
    if (signal.aborted) return { kind: "ended" };
    status.hide(config.secrets);
    const file = join(folder, entryPoint);
    if (!existsSync(file)) return { kind: "refused", why: `The pack has no ${entryPoint}.` };
    const life = randomBytes(8).toString("hex");
    const answering = openAnswering({
      bus,
      definition,
      life,
      status,
      retryMs,
      triggers: wanted.triggers,
      triggerOf: wanted.triggerOf,
      foreign: ground.foreignTriggers[definition.pack] ?? [],
      checkTriggers: ground.checkTriggers,
      mayTell: isMine,
    });
    const isProgram = kind === "executable";
    const isLook = isProgram && pollInterval !== undefined;
    const told = isLook ? undefined : tellOfProcess({ life, file: entryPoint });
    const { code, why: said } = await run({ file, config, isLook, answering, status, onStarted: (pid) => told?.spawned(pid) });
    const why = said === undefined ? undefined : String(status.masked(said)).slice(0, 1_000);
    told?.exited({ code, ...(why === undefined ? {} : { why }) });
    if (why !== undefined) return { kind: "failed", why };
    return isLook ? { kind: "looked" } : { kind: "ended" };
  }

  async function run(at: {
    file: string;
    config: { values: Record<string, unknown> };
    isLook: boolean;
    answering: Answering;
    status: Status;
    onStarted: (pid: number | undefined) => void;
  }): Promise<ChildEnd> {
    const { file, config, isLook, answering, status } = at;
    const isProgram = definition.kind === "executable";
    const timeoutMs = definition.timeoutMs ?? usualLookMs;
    let late: string | undefined;
    let timer: NodeJS.Timeout | undefined;
    const looking = (is: boolean) => {
      clearTimeout(timer);
      if (!is) return;
      timer = setTimeout(() => {
        late = `one look took longer than ${timeoutMs / 1_000} s`;
        started.stop({ graceMs: killGraceMs });
      }, timeoutMs);
    };
    // In turn, so that what it remembers is stored after the events that it told before.
    let turn: Promise<void> = Promise.resolve();
    let asked = 0;
    const started = startChild({
      hello: { sensor: ref, ...(isProgram ? {} : { module: file }), config: config.values, partition },
      ...(isProgram ? { file } : {}),
      env: isProgram
        ? {
            ...configEnvironment(config.values),
            BELLHOP_SENSOR: ref,
            BELLHOP_PARTITION: String(partition.index),
            BELLHOP_PARTITIONS: String(partition.count),
          }
        : {},
      mark: ground.nextMark(),
      root: ground.root,
      memoryMb: ground.memoryMb,
      cacheFolder: ground.cacheFolder,
      onPrinted: (text) => status.say("info", text),
      onSaid(said, line) {
        switch (said.kind) {
          case "log":
            return status.say(said.level, said.text);
          case "wrong":
            status.say("error", `line ${line} is not understood: ${said.why}`);
            if (said.waits !== undefined) {
              const answer = { ...said.waits, failed: said.why };
              turn = turn.then(() => started.answer(answer));
            }
            return undefined;
          case "failed":
            return undefined;
          case "looking":
            return looking(said.is);
          case "event":
          case "get":
          case "set":
          case "delete":
            if (++asked >= mostAsked) started.pause();
            turn = turn.then(async () => {
              started.answer(await answering.answer(said));
              if (--asked < mostAsked) started.resume();
            });
            return undefined;
        }
      },
    });
    child = started;
    if (signal.aborted) started.stop({ graceMs: how === "lost" ? 0 : killGraceMs });
    else {
      status.change({ state: "running" });
      if (isLook) looking(true);
      else status.say("info", `it begins on ${ground.runner}`);
      at.onStarted(started.pid);
    }
    const healthy = isLook ? undefined : setTimeout(() => status.change({ failures: 0 }), ground.durations.sensorHealthy);
    const end = await started.ended;
    clearTimeout(timer);
    clearTimeout(healthy);
    child = undefined;
    // What it said last is stored before anybody else may have it.
    if (how !== "lost") await turn;
    return late === undefined ? end : { code: end.code, why: late };
  }

  /** What StackStorm tells of processes: best effort, since nothing hangs on it. */
  function tellOfProcess({ life, file }: { life: string; file: string }) {
    const name = `${ref}/${partition.index}/${life}`;
    let before: Promise<void> = Promise.resolve();
    const tell = (trigger: string, more: Record<string, unknown>) => {
      const at = new Date().toISOString();
      const payload = { id: ref, timestamp: Date.parse(at) / 1_000, cmd: file, partition: partition.index, runner: ground.runner, ...more };
      before = before.then(async () => {
        if (!isMine()) return;
        await fire(bus, { trigger, payload, source: { kind: "sensor", name: ref }, key: `sensor-process/${name}/${trigger}`, at });
      });
      return before.catch((error: unknown) =>
        log.warn({ sensor: ref, error: String(error) }, "that a sensor's process came or went could not be told"),
      );
    };
    return {
      spawned: (pid: number | undefined) => void tell("core.st2.sensor.process_spawn", { pid }),
      exited: ({ code, why }: ChildEnd) =>
        void tell("core.st2.sensor.process_exit", { exit_code: code, ...(why === undefined ? {} : { error: why }) }),
    };
  }

  /** How far it was, wherever it ran. */
  async function earlier(): Promise<Entry<SensorStatus> | undefined> {
    const bucket = bus.bucket(buckets.sensorStatus);
    for (;;) {
      try {
        return await bucket.get(sensorKey({ sensor: ref, index: partition.index }));
      } catch (error) {
        log.warn({ sensor: ref, error: String(error) }, "a sensor's status can't be read, it is tried again");
        await pause(retryMs);
        if (signal.aborted) throw error;
      }
    }
  }

  async function pause(ms: number): Promise<void> {
    await delay(Math.max(0, ms), undefined, { signal, ref: false }).catch(() => {});
  }
}

/** How long a look may take that says nothing of it. */
const usualLookMs = 60_000;

/** What a sensor has said and is not stored yet: beyond that it is not read. */
const mostAsked = 32;
