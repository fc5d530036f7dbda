import { resolve, sep } from "node:path";
import { ActionFailed, type ConfigValues } from "@bellhop/sdk";
import type config from "./config.ts";

export type Config = Readonly<ConfigValues<typeof config>>;

/** One of the configured disks, with what may be removed on it. */
export interface Target {
  readonly name: string;
  readonly path: string;
  /** Absolute, and checked: nothing else is ever cleaned. */
  readonly clean: readonly string[];
  readonly more: readonly string[];
  /** Bytes; of simulated disks alone. */
  readonly quota?: number;
  readonly shell: readonly string[];
}

export type Found = { kind: "found"; target: Target } | { kind: "unknown"; why: string };

/** The target that an alert or a person calls so. Exporters put their port behind a machine's name. */
export function findTarget({ targets }: Pick<Config, "targets">, called: string): Found {
  const name = [called, called.replace(/:\d+$/, "")].find((one) => Object.hasOwn(targets, one));
  const target = name === undefined ? undefined : targets[name];
  if (name === undefined || target === undefined) {
    const names = Object.keys(targets).toSorted();
    const there = names.length === 0 ? "none is configured" : `there are ${names.join(", ")}`;
    return { kind: "unknown", why: `${called} is no target that may be healed: ${there}.` };
  }
  const { path, clean, more, quota, shell } = target;
  const within = { name, path: absolute(name, path), simulated: quota !== undefined };
  return {
    kind: "found",
    target: {
      name,
      path: within.path,
      clean: clean.map((folder) => cleanable(folder, within)),
      more: more.map((folder) => cleanable(folder, within)),
      ...(quota === undefined ? {} : { quota: quota * megabyte }),
      shell,
    },
  };
}

/** The same, where there has to be one. @throws ActionFailed */
export function targetNamed(config: Pick<Config, "targets">, called: string): Target {
  const found = findTarget(config, called);
  if (found.kind === "found") return found.target;
  throw new ActionFailed(found.why, { hint: "Targets stand in `packConfig.selfheal.targets` of bellhop.yaml." });
}

export const megabyte = 1_000_000;

/** Whether a path lies in one of the folders, which end with no separator. */
export function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}${sep}`)) && resolve(path) === path;
}

function absolute(name: string, path: string): string {
  if (resolve(path) === path.replace(/(?<=.)\/+$/, "")) return resolve(path);
  throw new ActionFailed(`The path of ${name} is "${path}", which is not absolute.`, { hint: "Write all of it, from / on." });
}

/** A folder that is a whole disk, or stands directly below its root, is a slip: nobody cleans /var or /home by age. */
function cleanable(folder: string, at: { name: string; path: string; simulated: boolean }): string {
  const resolved = resolve(at.path, folder);
  if (at.simulated && !isWithin(resolved, [at.path]))
    throw new ActionFailed(`${folder} is outside of ${at.path}, the simulated disk ${at.name}.`, { hint: "Name folders below its path." });
  if (resolved === at.path || resolved.split(sep).filter(Boolean).length < 2)
    throw new ActionFailed(`${resolved} is too much to be cleaned on ${at.name}.`, { hint: "Name the folders in which old files may go." });
  return resolved;
}
