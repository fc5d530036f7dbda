import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { problem, scaled, type Durations, type StreamLayout } from "@bellhop/contracts";
import { z } from "zod";
import { layoutConfig, layoutShape } from "./nats-config.ts";
import { Secret } from "./secret.ts";
import { telemetryConfig, telemetryShape, type TelemetryConfig } from "./telemetry-config.ts";
import type { Observatory } from "./telemetry.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** What every process needs to know. */
export interface CommonConfig extends TelemetryConfig {
  nats: { url: string; credentials?: string };
  /** Copies and limits of streams, for whoever sets them up. */
  layout?: StreamLayout;
  /** Everything this installation keeps on this machine: `.bellhop`. */
  folder: string;
  durations: Durations;
  logLevel: string;
  /** Where this process or part writes its log; standard error when absent. */
  logFile?: string;
  /** The parsed `bellhop.yaml`, {} where there is none. What is called a token or a password in it is a {@link Secret}. */
  file: Record<string, unknown>;
  /** That of the process, where this is one part of several in it. */
  observatory?: Observatory;
}

export type Role = "operator" | "engine" | "runner" | "gateway" | "api" | "cli";

/** What every process reads of bellhop.yaml. */
export const CommonFile = z.object({
  durations: z.record(z.string(), z.number().positive()).default({}).describe("Milliseconds that differ from the usual ones, by name."),
  nats: layoutShape.nats,
  http: telemetryShape.http,
});

/** Reads environment and bellhop.yaml; the environment wins. Reports all faults together.
 *  NATS_URL, BELLHOP_CREDENTIALS (file with an nkey seed, or a folder with `<role>.nk` in it), BELLHOP_NATS_REPLICAS, BELLHOP_FOLDER, BELLHOP_CONFIG,
 *  BELLHOP_TIME_FACTOR, BELLHOP_LOG, BELLHOP_HTTP, OTEL_EXPORTER_OTLP_ENDPOINT. */
export function commonConfig(env: Env, role: Role): CommonConfig {
  const folder = resolve(env.BELLHOP_FOLDER ?? ".bellhop");
  const file = readConfigFile(env.BELLHOP_CONFIG ?? "bellhop.yaml", env.BELLHOP_CONFIG !== undefined);
  const shape = z.object({
    BELLHOP_TIME_FACTOR: z.coerce.number().positive().default(1),
    BELLHOP_LOG: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
    NATS_URL: z.string().default(() => recordedUrl(folder) ?? "nats://127.0.0.1:4222"),
    BELLHOP_CREDENTIALS: z.string().optional(),
    ...layoutShape,
    ...telemetryShape,
    ...CommonFile.shape,
  });
  const values = loadConfig({
    schema: shape,
    values: { ...env, durations: file.durations, http: file.http, nats: file.nats },
    where: "the environment or bellhop.yaml",
  });
  const own = join(folder, "credentials", `${role}.nk`);
  const credentials = ofRole(values.BELLHOP_CREDENTIALS, role) ?? (env.NATS_URL === undefined && existsSync(own) ? own : undefined);
  return {
    nats: { url: values.NATS_URL, ...(credentials === undefined ? {} : { credentials }) },
    layout: layoutConfig(values),
    folder,
    durations: scaled(values.BELLHOP_TIME_FACTOR, values.durations),
    logLevel: values.BELLHOP_LOG,
    file,
    ...telemetryConfig(values),
  };
}

/** Parses values by a schema. All faults at once: which variable, what was expected, what was found.
 *  @throws Problem config_invalid */
export function loadConfig<Config>(options: { schema: z.ZodType<Config>; values: unknown; where: string }): Config {
  const parsed = options.schema.safeParse(options.values);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message} (in ${options.where})`);
  throw problem("config_invalid", { count: faults.length, faults: faults.join("\n") });
}

function ofRole(path: string | undefined, role: Role): string | undefined {
  if (path === undefined) return undefined;
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, `${role}.nk`) : path;
}

/** Where a running `bellhop up` wrote down the address of its nats-server. */
export function natsFile(folder: string): string {
  return join(folder, "nats.json");
}

function recordedUrl(folder: string): string | undefined {
  try {
    const recorded: unknown = JSON.parse(readFileSync(natsFile(folder), "utf8"));
    return z.object({ url: z.string() }).parse(recorded).url;
  } catch {
    return undefined;
  }
}

function readConfigFile(path: string, required: boolean): Record<string, unknown> {
  if (!existsSync(path)) {
    if (required) throw problem("config_invalid", { count: 1, faults: `  BELLHOP_CONFIG: there is no file ${path}` });
    return {};
  }
  // 4 MB that a process without the file need not have.
  const yaml = createRequire(import.meta.url)("yaml") as typeof import("yaml");
  const document = yaml.parseDocument(readFileSync(path, "utf8"));
  const [fault] = document.errors;
  if (fault !== undefined) throw problem("config_invalid", { count: 1, faults: `  ${path}: ${fault.message}` });
  const value: unknown = document.toJS() ?? {};
  return loadConfig({ schema: z.record(z.string(), z.unknown()), values: hideSecrets(value), where: path });
}

/** What `configs/<pack>.yaml` beside bellhop.yaml says, as StackStorm has it; {} where there is none. What is called a token or a password in it is a {@link Secret}. */
export function packConfigFile(env: Env, pack: string): Record<string, unknown> {
  return readConfigFile(join(dirname(env.BELLHOP_CONFIG ?? "bellhop.yaml"), "configs", `${pack}.yaml`), false);
}

function hideSecrets(value: unknown, name = ""): unknown {
  if (typeof value === "string") return /(?:token|password)$/i.test(name) ? new Secret(value) : value;
  if (Array.isArray(value)) return value.map((each) => hideSecrets(each, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hideSecrets(each, key)]));
}
