import { existsSync } from "node:fs";
import { readdir, stat, statfs } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { styleText } from "node:util";
import { connectBus } from "@bellhop/bus";
import { findNatsServer, oldestServer } from "@bellhop/bus/server";
import { buckets, toProblem } from "@bellhop/contracts";
import { commonConfig, isGone, silentLog, type CommonConfig, type Env } from "@bellhop/service";
import { repository } from "./packs.ts";
import { hasColour, type ExitCode } from "./report.ts";
import { runningIn } from "./up-lock.ts";

export interface Check {
  name: string;
  /** `bad` makes doctor fail; `odd` is worth knowing. */
  state: "ok" | "odd" | "bad";
  found: string;
  hint?: string;
}

const leastDisk = 512 * 1024 * 1024;

/** `bellhop doctor`: looks at everything that must be right for commands to be answered; changes nothing. 1 if something is wrong. */
export async function doctor(options: { json: boolean }, env: Env): Promise<ExitCode> {
  const config = commonConfig(env, "cli");
  const checks = [
    nodeCheck(process.versions.node),
    await natsServer(env),
    await folderCheck(config.folder),
    await disk(config.folder),
    ...(await running(config, env)),
  ];
  const ok = checks.every(({ state }) => state !== "bad");
  if (options.json) process.stdout.write(`${JSON.stringify({ ok, checks })}\n`);
  else for (const check of checks) process.stdout.write(`${checkText(check, hasColour(process.stdout))}\n`);
  return ok ? 0 : 1;
}

export function checkText({ name, state, found, hint }: Check, colour: boolean): string {
  const paint = (format: "green" | "yellow" | "red" | "dim", text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  const mark = { ok: paint("green", "✔"), odd: paint("yellow", "!"), bad: paint("red", "✘") }[state];
  return `${mark} ${name.padEnd(12)} ${found}${hint === undefined ? "" : `\n  ${paint("dim", hint)}`}`;
}

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const good = major > 22 || (major === 22 && minor >= 18);
  return {
    name: "node",
    state: good ? "ok" : "bad",
    found: version,
    ...(good ? {} : { hint: "22.18 or later is needed; `npm start` brings 24 where it can." }),
  };
}

async function natsServer(env: Env): Promise<Check> {
  const name = "nats-server";
  if (env.NATS_URL !== undefined) return { name, state: "ok", found: `NATS_URL names ${env.NATS_URL}: no server of our own is needed` };
  try {
    const { version, binary, from } = await findNatsServer({ root: join(repository, ".bellhop"), env: { ...env }, fetches: [] });
    return { name, state: "ok", found: `${version} at ${binary} (${from})` };
  } catch (error) {
    return {
      name,
      state: "odd",
      found: `none of ${oldestServer} or later is here yet`,
      hint: toProblem(error).code === "nats_missing" ? "`npm start` fetches one." : toProblem(error).message,
    };
  }
}

async function folderCheck(folder: string): Promise<Check> {
  const name = "folder";
  if (!existsSync(folder)) return { name, state: "ok", found: `${folder} is made by the first start` };
  const open: string[] = [];
  const credentials = join(folder, "credentials");
  const secret = existsSync(credentials) ? (await readdir(credentials)).map((file) => join(credentials, file)) : [];
  for (const path of [...secret, join(folder, "key"), join(folder, "nats.json")]) {
    const mode = await stat(path).then(
      (facts) => facts.mode,
      () => 0,
    );
    if ((mode & 0o077) !== 0) open.push(path);
  }
  if (open.length === 0) return { name, state: "ok", found: folder };
  return { name, state: "bad", found: `others on this machine can read ${open.join(", ")}`, hint: `chmod 600 ${open.join(" ")}` };
}

async function disk(folder: string): Promise<Check> {
  const { bavail, bsize } = await statfs(existsSync(folder) ? folder : ".");
  const free = bavail * bsize;
  const found = `${(free / 1024 ** 3).toFixed(1)} GB free`;
  return {
    name: "disk",
    ...(free < leastDisk ? { state: "bad", found, hint: "A full disk stops nats-server: make room." } : { state: "ok", found }),
  };
}

/** What only something that runs can tell. */
async function running(config: CommonConfig, env: Env): Promise<Check[]> {
  const holder = await runningIn(config.folder);
  if (holder === undefined && env.NATS_URL === undefined)
    return [{ name: "running", state: "odd", found: "nothing runs here", hint: "`npm start` starts it." }];
  const checks: Check[] = [
    {
      name: "running",
      state: "ok",
      found: holder === undefined ? `at ${config.nats.url}` : `process ${holder.pid}, ${holder.state} since ${holder.since}`,
    },
  ];
  const { nats, durations } = config;
  try {
    const info = await serverInfo(nats.url);
    checks.push({
      name: "nats",
      state: "ok",
      found: `${info.version} at ${nats.url}, messages up to ${Math.round(info.max_payload / 1024)} KiB`,
    });
    const bus = await connectBus({ ...nats, name: "bellhop doctor", role: "cli", durations, log: silentLog });
    try {
      const [steps, packs, members] = await Promise.all([
        bus.log.lastSequence(),
        bus.bucket(buckets.catalog).entries("active.>"),
        bus.bucket(buckets.member).entries(),
      ]);
      checks.push({ name: "streams", state: "ok", found: `there; ${steps} steps of runs so far` });
      checks.push(
        packs.length > 0
          ? { name: "packs", state: "ok", found: packs.map(({ value }) => value.name).join(", ") }
          : {
              name: "packs",
              state: "bad",
              found: "none is active",
              hint: "`bellhop pack check packs` says what is wrong with those here.",
            },
      );
      const alive = members.filter(({ value }) => value.process === undefined || !isGone(value.process));
      for (const role of ["engine", "runner"] as const) {
        const count = alive.filter(({ value }) => value.role === role).length;
        checks.push({
          name: `${role}s`,
          state: count > 0 ? "ok" : "bad",
          found: String(count),
          ...(count > 0 ? {} : { hint: `Commands wait until one runs: \`bellhop up\`, or node apps/${role}/src/main.ts.` }),
        });
      }
    } finally {
      await bus.drain();
    }
  } catch (error) {
    const { message, hint } = toProblem(error);
    checks.push({ name: "nats", state: "bad", found: message, hint });
  }
  return checks;
}

/** A NATS server says who it is to everybody who connects. */
function serverInfo(url: string): Promise<{ version: string; max_payload: number }> {
  const { hostname, port } = new URL(url.includes("://") ? url : `nats://${url}`);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || 4222), timeout: 2_000 });
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      const info = /^INFO (\{.*\})\s*\r\n/.exec(text)?.[1];
      if (info === undefined) return;
      resolve(JSON.parse(info) as { version: string; max_payload: number });
      socket.destroy();
    });
    socket.on("timeout", () => socket.destroy(new Error("no answer within 2 s")));
    socket.on("error", reject).on("close", () => reject(new Error(`${url} closed the connection without a word`)));
  });
}
