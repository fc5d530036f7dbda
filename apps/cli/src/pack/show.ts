import { styleText } from "node:util";
import type { Bus } from "@bellhop/bus";
import type { ActionDefinition, InstalledVersion, PackOrigin, PackVersion, Parameter } from "@bellhop/contracts";
import { activeVersion, fetchVersion, installedVersions } from "@bellhop/pack-loader";
import { commonConfig, type Env } from "@bellhop/service";
import { visible } from "../dead/visible.ts";
import { hasColour, type ExitCode } from "../report.ts";
import { runningIn } from "../up-lock.ts";
import { stamp } from "../times.ts";
import { withBus } from "../with-bus.ts";
import { reportFaulty } from "./install.ts";
import { originText } from "./origin.ts";
import { FaultyPackError, openSources } from "./sources.ts";

interface Shown {
  version: PackVersion;
  /** Answers, is installed, or could be. */
  state: "active" | "installed" | "elsewhere";
  from?: PackOrigin;
  installed?: Pick<InstalledVersion, "at" | "by">;
  others: string[];
}

/** `bellhop pack show PACK|SPEC`: what a pack has: of one that is installed here, else of what the spec stands for, which is fetched and not installed. */
export async function packShow(pack: string, { json }: { json: boolean }, env: Env): Promise<ExitCode> {
  const { folder } = commonConfig(env, "cli");
  const runs = env.NATS_URL !== undefined || (await runningIn(folder)) !== undefined;
  try {
    const here = runs && /^[\w-]+$/.test(pack) ? await withBus(env, "bellhop pack show", (bus) => installedHere(bus, pack)) : undefined;
    const shown = here ?? (await elsewhere(pack, env));
    process.stdout.write(json ? `${JSON.stringify(shown)}\n` : `${packText(shown, hasColour(process.stdout))}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof FaultyPackError)) throw error;
    return reportFaulty(error, { json });
  }
}

async function installedHere(bus: Bus, pack: string): Promise<Shown | undefined> {
  const [active, installed] = await Promise.all([activeVersion(bus, pack), installedVersions(bus, pack)]);
  const digest = active?.digest ?? installed[0]?.digest;
  if (digest === undefined) return undefined;
  const record = installed.find((one) => one.digest === digest);
  return {
    version: await fetchVersion(bus, digest),
    state: active === undefined ? "installed" : "active",
    ...(record === undefined
      ? {}
      : { from: record.from, installed: { at: record.at, ...(record.by === undefined ? {} : { by: record.by }) } }),
    others: installed.filter((one) => one.digest !== digest).map(({ version }) => version),
  };
}

async function elsewhere(spec: string, env: Env): Promise<Shown> {
  const sources = openSources(env);
  const source = await sources.choose(spec);
  return await sources.withPack(source, async ({ version }, { origin }) => ({ version, state: "elsewhere", from: origin, others: [] }));
}

const states = { active: "answers now", installed: "installed, does not answer", elsewhere: "not installed" } as const;

function packText({ version, state, from, installed, others }: Shown, colour: boolean): string {
  const {
    name,
    description,
    author,
    keywords = [],
    digest,
    actions,
    aliases,
    rules = [],
    sensors = [],
    config = {},
    modules,
    without = [],
  } = version;
  const bold = (text: string) => (colour ? styleText("bold", text, { validateStream: false }) : text);
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ["", bold(title), ...lines.map(visible)]);
  const facts = [
    ["state", states[state]],
    ["from", from === undefined ? "" : originText(from)],
    ["installed", installed === undefined ? "" : `${stamp(installed.at)}${installed.by === undefined ? "" : ` by ${installed.by}`}`],
    ["digest", digest],
    ["author", author ?? ""],
    ["keywords", keywords.join(", ")],
    [
      "needs",
      modules === undefined ? "" : `installed dependencies${modules.platform === undefined ? "" : `, for ${modules.platform} only`}`,
    ],
    ["without", without.join(", ")],
    ["others", others.join(", ")],
  ] as const;
  return [
    `${bold(`${name} ${visible(version.version)}`)}${description === "" ? "" : `  ${visible(description)}`}`,
    ...facts.filter(([, value]) => value !== "").map(([title, value]) => `  ${title.padEnd(10)}${visible(value)}`),
    ...section(
      "Commands",
      aliases.flatMap((alias) => alias.formats.flatMap(({ display }) => (display === undefined ? [] : [`  ${display}`]))),
    ),
    ...section("Actions", actions.flatMap(actionLines)),
    ...section(
      "Rules",
      rules.map(({ ref, trigger, action, ...rule }) => `  ${ref}${offMark(rule)}  on ${trigger.type}: ${action.ref}`),
    ),
    ...section(
      "Sensors",
      sensors.map(({ ref, triggers, ...sensor }) => `  ${ref}${offMark(sensor)}  fires ${triggers.join(", ") || "nothing"}`),
    ),
    ...section("Configuration", parameterLines(config)),
  ].join("\n");
}

function offMark({ enabled }: { enabled: boolean }): string {
  return enabled ? "" : " (switched off)";
}

function actionLines({ ref, description, parameters, enabled }: ActionDefinition): string[] {
  return [`  ${ref}${offMark({ enabled })}${description === "" ? "" : `  ${description}`}`, ...parameterLines(parameters, "    ")];
}

function parameterLines(parameters: Readonly<Record<string, Parameter>>, indent = "  "): string[] {
  const width = Math.max(0, ...Object.keys(parameters).map((name) => name.length));
  return Object.entries(parameters).map(([name, { type = "any", description, required, secret, default: otherwise, enum: among }]) => {
    const facts = [
      [type].flat().join("|"),
      ...(required === true ? ["required"] : []),
      ...(secret === true ? ["secret"] : []),
      ...(among === undefined ? [] : [`one of ${among.map(String).join(", ")}`]),
      ...(otherwise === undefined || secret === true ? [] : [`default ${JSON.stringify(otherwise)}`]),
    ];
    return `${indent}${name.padEnd(width)}  ${facts.join(", ")}${description === undefined ? "" : `: ${description}`}`;
  });
}
