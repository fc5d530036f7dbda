import { masked, secretMask } from "@bellhop/contracts";
import {
  configFault,
  holdsSecret,
  instancesOf,
  mapSecrets,
  placeText,
  settingsOf,
  takesFromDatastore,
  unknownInstance,
  unknownSetting,
  type Setting,
} from "@bellhop/core";
import type { Env } from "@bellhop/service";
import { visible } from "../../dead/visible.ts";
import { note, type ExitCode } from "../../report.ts";
import { padded, widthOf } from "../../width.ts";
import { checkInstance, withConfig, type KnownConfig } from "./known.ts";

/** `bellhop pack config PACK`: each value of each instance, and where it comes from. Secrets are not shown. */
export async function showConfig(pack: string, options: { instance?: string; json: boolean }, env: Env): Promise<ExitCode> {
  checkInstance(options.instance);
  return await withConfig<ExitCode>(pack, env, async (known) => {
    const { schema, layers, version } = known;
    const { instance } = options;
    const unknown = instance === undefined ? undefined : unknownInstance({ pack, instance }, schema, layers);
    if (unknown !== undefined) throw unknown;
    const wanted = instance === undefined ? [undefined, ...instancesOf(layers)] : [instance];
    const instances = wanted.map((one) => shownInstance(known, one));
    if (options.json) process.stdout.write(`${JSON.stringify({ pack, version: version.version, instances })}\n`);
    else if (Object.keys(schema).length === 0) process.stdout.write(`${pack} ${version.version} has nothing to configure.\n`);
    else for (const one of instances) process.stdout.write(`${instanceText(pack, one)}\n`);
    for (const unused of unusedValues(known)) note(unused);
    return 0;
  });
}

/** `bellhop pack config instances PACK` */
export async function listInstances(pack: string, options: { json: boolean }, env: Env): Promise<ExitCode> {
  return await withConfig<ExitCode>(pack, env, async ({ layers }) => {
    const instances = instancesOf(layers);
    if (options.json) process.stdout.write(`${JSON.stringify({ pack, instances })}\n`);
    else for (const instance of instances) process.stdout.write(`${instance}\n`);
    if (!options.json && instances.length === 0) note(`${pack} has no named instances.`);
    return 0;
  });
}

interface ShownInstance {
  /** Absent: the unnamed one. */
  instance?: string;
  settings: ShownSetting[];
  /** What keeps its actions from being started. */
  problem?: { message: string; hint: string };
}

interface ShownSetting {
  name: string;
  state: Setting["kind"] | "missing";
  /** `[secret]` where it is one. */
  value?: unknown;
  from?: string;
  secret: boolean;
  required: boolean;
  description?: string;
}

function shownInstance({ version, schema, layers }: KnownConfig, instance: string | undefined): ShownInstance {
  const of = { pack: version.name, ...(instance === undefined ? {} : { instance }) };
  const settings = settingsOf({ schema, layers, ...of });
  const fault = configFault(settings, of, version.name);
  return {
    ...(instance === undefined ? {} : { instance }),
    settings: settings.map((setting) => shownSetting(of, setting)),
    ...(fault === undefined ? {} : { problem: { message: fault.message, hint: fault.hint } }),
  };
}

function shownSetting(of: { pack: string; instance?: string }, setting: Setting): ShownSetting {
  const { name, schema } = setting;
  const layer = "layer" in setting ? setting.layer : undefined;
  const shown = (secret: unknown) => (takesFromDatastore(secret) ? secret : secretMask);
  const value = "value" in setting ? masked(mapSecrets({ [name]: setting.value }, { [name]: schema }, shown)[name]) : undefined;
  return {
    name,
    state: setting.kind === "absent" && setting.required ? "missing" : setting.kind,
    ...(value === undefined ? {} : { value, from: placeText({ ...of, name, layer }) }),
    secret: holdsSecret(schema),
    required: schema.required === true,
    ...(schema.description === undefined ? {} : { description: schema.description }),
  };
}

function instanceText(pack: string, { instance, settings, problem }: ShownInstance): string {
  const rows = settings.map(({ name, state, value, from, description }) => [
    name,
    state === "missing" ? "missing" : value === undefined ? "-" : typeof value === "string" ? value : JSON.stringify(value),
    from ?? description ?? "",
  ]);
  const cells = rows.map((row) => row.map(visible));
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => widthOf(row[column] ?? "")).filter((width) => width <= widest), 0));
  const lines = cells.map((row) => `  ${row.map((cell, column) => padded(cell, widths[column] ?? 0)).join("  ")}`.trimEnd());
  const title = instance === undefined ? pack : `${pack}, instance ${instance}`;
  return [title, ...lines, ...(problem === undefined ? [] : [`  ${problem.message}`, `  ${problem.hint}`])].join("\n");
}

/** A value that is longer has a line that is longer, and no other row is padded to it. */
const widest = 48;

/** What stands somewhere and means nothing to this version of the pack. */
function unusedValues({ version, schema, layers }: KnownConfig): string[] {
  return layers.flatMap((layer) =>
    Object.keys(layer.values)
      .filter((name) => !Object.hasOwn(schema, name))
      .map((name) => {
        const { message, hint } = unknownSetting(name, schema, version.name);
        return `${message} ${hint} (${placeText({ pack: version.name, name, layer })})`;
      }),
  );
}
