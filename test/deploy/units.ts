import { spawnSync } from "node:child_process";
import { basename } from "node:path";
import { serviceOf, unitFiles } from "./files.ts";
import { has, outcomeOf, type Outcome } from "./outcome.ts";

/** systemd's own score, from 0 (closed) to 10 (open). What keeps it above 0: the network, V8's writable code, and what a shell command may want. */
const mostExposed = 2;

/** What differs from unit to unit; everything else is held alike. */
const own = new Set([
  "User",
  "StateDirectory",
  "WorkingDirectory",
  "Environment",
  "EnvironmentFile",
  "LoadCredential",
  "ExecStartPre",
  "ExecStart",
  "TimeoutStopSec",
  "MemoryMax",
  "TasksMax",
]);

export function checkUnitsAlike(): Outcome {
  const shared = (file: string) => serviceOf(file).filter(([name]) => !own.has(name));
  const [first = "", ...others] = unitFiles;
  const faults = others.flatMap((file) =>
    JSON.stringify(shared(file)) === JSON.stringify(shared(first))
      ? []
      : [`${basename(file)} is hardened otherwise than ${basename(first)}`],
  );
  const missing = unitFiles.flatMap((file) => {
    const settings = new Map(serviceOf(file));
    return ["User", "StateDirectory", "TimeoutStopSec", "MemoryMax", "TasksMax"].flatMap((name) =>
      settings.has(name) ? [] : [`${basename(file)} has no ${name}`],
    );
  });
  return outcomeOf([...faults, ...missing], `${unitFiles.length} units`);
}

/** systemd reads them, and says how far they are closed. */
export function checkUnits(): Outcome {
  if (!has("systemd-analyze")) return { kind: "skipped", why: "there is no systemd-analyze here: apt-get install systemd brings it" };
  const scores: string[] = [];
  const faults = unitFiles.flatMap((file) => {
    const name = basename(file);
    const verified = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
    // Where the unit is checked nothing is installed yet.
    const complaints = verified.stderr.split("\n").filter((line) => line !== "" && !/ is not executable: No such file/.test(line));
    const secured = spawnSync("systemd-analyze", ["security", "--offline=true", "--no-pager", `--threshold=${mostExposed * 10}`, file], {
      encoding: "utf8",
    });
    const [, score] = /exposure level for \S+: ([\d.]+)/.exec(secured.stdout) ?? [];
    if (score === undefined) return [...complaints, `${name}: ${secured.stderr.trim()}`];
    scores.push(`${name} ${score}`);
    return Number(score) > mostExposed ? [...complaints, `${name}: exposed by ${score}, ${mostExposed} at most`] : complaints;
  });
  return outcomeOf(faults, `exposure: ${scores.join(", ")}`);
}
