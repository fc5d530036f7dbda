import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { connectBus, shownUrl, type Bus } from "@bellhop/bus";
import { ensureCredentials, findNatsServer, serverConfig, superviseNatsServer, type Role } from "@bellhop/bus/server";
import { buckets, Problem, problem, type StreamLayout } from "@bellhop/contracts";
import {
  commonConfig,
  createLog,
  lineWriter,
  natsFile,
  openObservatory,
  type CommonConfig,
  type Env,
  type Log,
  type Service,
} from "@bellhop/service";
import { replaceFile } from "./atomic-file.ts";
import { restoring } from "./backup/order.ts";
import { makeClaimCode } from "./claim-code.ts";
import { keepRunning } from "./keep-running.ts";
import { packRoots, repository } from "./pack/folders.ts";
import { buildOptions } from "./pack/settings.ts";
import { keepPacks, type PackKeeper } from "./pack/keep.ts";
import { platforms } from "./platforms.ts";
import { step } from "./progress.ts";
import { hasColour, note } from "./report.ts";
import { runnerProcesses, startRunnerProcess } from "./runners.ts";
import type { UpLock } from "./up-lock.ts";

/** Everything that runs in this process. */
export interface Up extends Service {
  readonly url: string;
  /** Resolves when the packs are read and every part works. */
  readonly ready: Promise<UpStatus>;
}

export interface UpStatus {
  url: string;
  natsServer: string;
  /** Where health and metrics are, if anywhere. */
  http?: string;
  /** `name version`, sorted. */
  packs: string[];
  parts: string[];
}

/** Starts NATS if none is named, then runner, packs, engine and chat gateways. Resolves as soon as commands can be taken, which is before all of them
 *  work: what is asked is stored and answered once they do. */
export async function startUp(at: {
  env: Env;
  lock: UpLock;
  /** Whether it makes sense to wait for somebody to mend the packs when none can be loaded. */
  patient: boolean;
}): Promise<Up> {
  const { env, lock, patient } = at;
  const { folder } = commonConfig(env, "operator");
  const logs = join(folder, "logs");
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const log = createLog({ name: "up", destination: join(logs, "up.log") });
  // Undone in reverse, whatever was reached.
  const undo: (() => Promise<unknown>)[] = [() => lock.release()];
  const stop = async () => {
    for (const one of undo.splice(0).reverse())
      await one().catch((error: unknown) => log.error({ why: String(error) }, "a part did not stop well"));
  };
  try {
    const failure = Promise.withResolvers<never>();
    failure.promise.catch(() => {});
    const observatory = await openObservatory({ config: commonConfig(env, "operator"), name: "up", log });
    undo.push(async () => observatory?.close());
    let isReady = false;
    observatory?.open("up").check("parts", () => (isReady ? { ok: true, found: "all were started" } : starting));
    const nats = await haveNats({ env, folder, logs, undo, fail: failure.reject });
    const partConfig = <Config extends CommonConfig>(config: Config, part: string): Config => ({
      ...config,
      nats: { url: nats.url, ...nats.credentials(part.startsWith("gateway") ? "gateway" : (part as Role)) },
      logFile: join(logs, `${part}.log`),
      observatory,
    });
    const { durations, layout } = commonConfig(env, "operator");
    const { url, role } = nats;
    const bus = await connectBus({ url, ...nats.credentials(role), name: "bellhop up", role, durations, log });
    undo.push(() => bus.drain());
    const unfinished = await bus.snapshots.marked(restoring);
    if (unfinished !== undefined) throw problem("restore_unfinished", { what: unfinished });
    await step("setting up streams", setUpIfAllowed(bus, layout));
    const common = { env, partConfig, log, fail: failure.reject, patient };
    const ready = startParts({
      ...common,
      bus,
      folder,
      undo,
      describe: { url: nats.url, natsServer: nats.version, http: observatory?.url },
    });
    ready.then(() => (isReady = true), failure.reject);
    await lock.ready(nats.url);
    log.info({ url: shownUrl(url) }, "up");
    return { url: nats.url, ready, failed: failure.promise, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const starting = {
  ok: false,
  found: "starting",
  hint: "It sets up NATS and reads packs: what it prints and logs/up.log say how far it is.",
};

/** What takes messages in stops first, what works them off last: runners, all at once. */
const stopFirst = [...platforms.map(({ name }) => name), "api", "engine"];

interface Nats {
  url: string;
  /** As whom streams are set up and packs are kept: `cli` where somebody else administers NATS. */
  role: "operator" | "cli";
  version: string;
  credentials(role: Role): { credentials?: string };
}

interface Stack {
  undo: (() => Promise<unknown>)[];
  fail: (why: unknown) => void;
}

/** The server that NATS_URL names, else one of our own under watch, whose address is written down for others in this folder. */
export async function haveNats(at: Stack & { env: Env; folder: string; logs: string }): Promise<Nats> {
  const { env, folder, logs, undo, fail } = at;
  if (env.NATS_URL !== undefined) {
    const credentials = (role: Role) => {
      const { credentials: file } = commonConfig(env, role).nats;
      return file === undefined ? {} : { credentials: file };
    };
    const { credentials: operators } = credentials("operator");
    const role = operators === undefined || existsSync(operators) ? "operator" : "cli";
    return { url: env.NATS_URL, role, version: "your own", credentials };
  }
  const users = await ensureCredentials(folder);
  const { binary, version } = await step(
    "finding nats-server",
    findNatsServer({ root: join(repository, ".bellhop"), env: { ...env }, log: note }),
  );
  const writeLine = lineWriter(join(logs, "nats-server.log"));
  const server = await step(
    "starting nats-server",
    superviseNatsServer({
      binary,
      storeDir: join(folder, "nats"),
      config: serverConfig({ users: Object.values(users) }),
      log: (line) => writeLine(`${line}\n`),
      tell: note,
    }),
  );
  undo.push(() => server.stop());
  server.ended.catch(fail);
  await replaceFile(natsFile(folder), `${JSON.stringify({ url: server.url })}\n`);
  undo.push(async () => rmSync(natsFile(folder), { force: true }));
  return { url: server.url, role: "operator", version, credentials: (role) => ({ credentials: users[role].file }) };
}

/** What waits for streams that are not there yet goes on by itself once they are. */
async function setUpIfAllowed(bus: Bus, layout: StreamLayout | undefined): Promise<void> {
  try {
    await bus.setUp(layout);
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== "nats_denied") throw thrown;
    note(
      "Streams are left as they are: these credentials may not administer NATS. Should anything wait for long, `bellhop nats plan` with the operator's",
    );
    note("says what is missing, and `bellhop nats apply` makes it.");
  }
}

/** Runner and packs at once; the engine when the packs are known, so that no command meets half a catalog; then the platforms. */
async function startParts(
  at: Stack & {
    env: Env;
    partConfig: <Config extends CommonConfig>(config: Config, part: string) => Config;
    bus: Bus;
    folder: string;
    log: Log;
    patient: boolean;
    describe: Pick<UpStatus, "url" | "natsServer" | "http">;
  },
): Promise<UpStatus> {
  const { env, partConfig, bus, folder, log, patient, undo, fail, describe } = at;
  const kept = new Map<string, Service>();
  const stop = async (name: string) => {
    const stopped = kept.get(name)?.stop();
    await stopped?.catch((error: unknown) => log.error({ part: name, why: String(error) }, "a part did not stop well"));
  };
  undo.push(async () => {
    for (const name of stopFirst) await stop(name);
    await Promise.all([...kept.keys()].filter((name) => !stopFirst.includes(name)).map(stop));
  });
  const logOf = (part: string) => join(folder, "logs", `${part}.log`);
  const keep = async (name: string, part: string, start: () => Promise<Service>, limit?: number): Promise<void> => {
    const service = await keepRunning({ name, start, log, logFile: logOf(part), tell: note, limit });
    kept.set(name, service);
    service.failed.catch(fail);
  };
  const keepRunner = (number: number) => {
    const [name, logFile] = [`runner ${number}`, logOf(`runner-${number}`)];
    const config = partConfig(commonConfig(env, "runner"), "runner");
    // For ever: what it leaves is in the queue, and the others go on.
    return keep(name, `runner-${number}`, () => startRunnerProcess({ name, number, env, config, logFile }), Number.POSITIVE_INFINITY);
  };
  const { runnerConfig } = await import("@bellhop/runner/config");
  const runner = runnerConfig(env);
  const processes = runnerProcesses(env, runner.file);
  const runners =
    processes === undefined
      ? keep("runner", "runner", async () => await (await import("@bellhop/runner")).start(partConfig(runner, "runner")))
      : Promise.all(Array.from({ length: processes }, (_, index) => keepRunner(index + 1)));
  runners.catch(fail);
  // Imported while packs are read.
  const engine = import("@bellhop/engine");
  engine.catch(fail);
  const { file } = commonConfig(env, "operator");
  const packs: PackKeeper = await step(
    "reading packs",
    keepPacks({
      bus,
      roots: packRoots(file, env),
      build: buildOptions({ folder, file, env }),
      log,
      tell: note,
      colour: hasColour(process.stderr),
    }),
  );
  undo.push(() => packs.stop());
  // What an earlier start made active still answers.
  if (packs.active.size === 0 && (await bus.bucket(buckets.catalog).entries("active.>")).length === 0) {
    const missing = problem("packs_missing", {});
    if (!patient) throw missing;
    note(missing.message);
  }
  const { engineConfig, start } = await engine;
  await Promise.all([runners, keep("engine", "engine", async () => await start(partConfig(engineConfig(env), "engine")))]);

  const { apiConfig } = await import("@bellhop/api/config");
  if (apiConfig(env).listen !== undefined) {
    await keep("api", "api", async () => await (await import("@bellhop/api")).start(partConfig(apiConfig(env), "api")));
  }
  const wanted = platforms.filter((platform) => platform.isWanted(env));
  for (const platform of wanted) await keep(platform.name, platform.part, await platform.prepare(env, partConfig));
  if (wanted.length > 0 && engineConfig(env).owners.length === 0) {
    const code = await makeClaimCode(bus);
    if (code !== undefined) note(`Nobody owns this yet. To become its owner, write to the bot within 10 minutes:  claim ${code}`);
  }
  if (Object.keys(file).length > 0) {
    const { unknownSettings } = await import("./unknown-settings.ts");
    for (const text of unknownSettings(file)) note(`bellhop.yaml: ${text}`);
  }
  return {
    ...describe,
    packs: [...packs.active.values()].map(({ name, version }) => `${name} ${version}`).toSorted(),
    parts: [...kept.keys()].toSorted(),
  };
}
