import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");
const deploy = join(root, "docs", "deploy");
export const containerFile = join(deploy, "Containerfile");
export const composeFile = join(deploy, "compose.yaml");
export const natsFile = join(deploy, "nats.conf");
const units = join(deploy, "systemd");
export const unitFiles: readonly string[] = readdirSync(units)
  .filter((name) => name.endsWith(".service"))
  .map((name) => join(units, name));

/** An instruction of a container file on one line, without its comments. */
export interface Instruction {
  name: string;
  rest: string;
}

export function instructionsOf(text: string): Instruction[] {
  const lines = text.replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n\s*/g, "");
  return lines.split("\n").flatMap((line) => {
    const [, name, rest] = /^([A-Z]+) +(.+)$/.exec(line) ?? [];
    return name === undefined || rest === undefined ? [] : [{ name, rest }];
  });
}

/** The settings of a unit's `[Service]`, in their order. */
export function serviceOf(file: string): (readonly [name: string, value: string])[] {
  const [, section = ""] = /^\[Service\]\n([^]*?)(?=^\[)/m.exec(readFileSync(file, "utf8")) ?? [];
  return section.split("\n").flatMap((line) => {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
}
