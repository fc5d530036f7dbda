import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { problem } from "@bellhop/contracts";
import { loadConfig, type CommonConfig, type Env, type Service } from "@bellhop/service";
import { z } from "zod";

/** What `up` reads of bellhop.yaml about its runners. */
export const RunnersFile = z.object({
  runner: z
    .object({ processes: z.coerce.number<number>().int().min(0).max(256).optional().describe("Runners that up starts as processes.") })
    .prefault({}),
});

/** How many runners `up` starts as processes; undefined: one within its own. `runner.processes` of bellhop.yaml; BELLHOP_RUNNERS wins over it.
 *  @throws Problem config_invalid */
export function runnerProcesses(env: Env, file: Record<string, unknown>): number | undefined {
  const runner = {
    ...(typeof file.runner === "object" ? file.runner : {}),
    ...(env.BELLHOP_RUNNERS && { processes: env.BELLHOP_RUNNERS }),
  };
  return loadConfig({ schema: RunnersFile, values: { runner }, where: "bellhop.yaml or the environment" }).runner.processes;
}

/** A runner as a process of its own: resolves when it takes work, fails when it ends. It ends with this process, also where that is killed; Ctrl-C at the
 *  terminal reaches only us, who drain it. @param at.config this process's own view of what the runner is told */
export async function startRunnerProcess(at: {
  name: string;
  number: number;
  env: Env;
  config: CommonConfig;
  logFile: string;
}): Promise<Service> {
  const { name, number, env, config, logFile } = at;
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.resolve("@bellhop/runner/main"))], {
    detached: true,
    env: environmentOf(env, { number, config }),
    // 3 is the lifeline, and the channel says when it is ready.
    stdio: ["ignore", "ignore", log, "pipe", "ipc"],
  });
  closeSync(log);
  child.stdio[3]?.on("error", () => {});
  let stopping = false;
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const failed = ended.then((how): Promise<never> => {
    if (stopping) return new Promise<never>(() => {});
    throw problem("part_ended", { part: name, how, log: logFile });
  });
  failed.catch(() => {});
  await Promise.race([new Promise((resolve) => child.once("message", resolve)), failed]);
  return {
    failed,
    async stop() {
      stopping = true;
      child.kill("SIGTERM");
      // It bounds each of its own steps by `drain`; whatever hangs must not keep us.
      const late = setTimeout(() => child.kill("SIGKILL"), 5 * config.durations.drain);
      await ended;
      clearTimeout(late);
    },
  };
}

/** What a runner needs and no more: tokens of chats and addresses of databases are none of its business. */
function environmentOf(env: Env, at: { number: number; config: CommonConfig }): NodeJS.ProcessEnv {
  const { nats, folder, http } = at.config;
  const kept = Object.entries(env).filter(([name]) => !/^BELLHOP_(?:SLACK|DISCORD|MATRIX|HISTORY|HTTP|RUNNERS|LIFELINE)/.test(name));
  return {
    ...Object.fromEntries(kept),
    NATS_URL: nats.url,
    ...(nats.credentials === undefined ? {} : { BELLHOP_CREDENTIALS: nats.credentials }),
    BELLHOP_FOLDER: folder,
    // The ports after ours, so that each can be looked at; empty, because bellhop.yaml names ours.
    BELLHOP_HTTP:
      http === undefined ? "" : `${http.host.includes(":") ? `[${http.host}]` : http.host}:${http.port === 0 ? 0 : http.port + at.number}`,
    ...(env.BELLHOP_RUNNER_ID === undefined ? {} : { BELLHOP_RUNNER_ID: `${env.BELLHOP_RUNNER_ID}-${at.number}` }),
    BELLHOP_LIFELINE_FD: "3",
  };
}
