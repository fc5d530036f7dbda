import { styleText } from "node:util";
import { historyPlace, historySettings } from "@bellhop/engine/history-settings";
import { commonConfig, type Env } from "@bellhop/service";
import { hasColour, type ExitCode } from "../report.ts";
import { within, type Check } from "./check.ts";
import { diskChecks, settingsCheck, folderCheck, natsServerCheck, nodeCheck } from "./here.ts";
import { platformChecks } from "./platforms.ts";
import { runningChecks } from "./running.ts";

/** Connecting, and then everything at once. */
const longestMs = 12_000;

/** `bellhop doctor`: looks at everything that must be right for commands to be answered; changes nothing. 1 if something is wrong. */
export async function doctor(options: { json: boolean }, env: Env): Promise<ExitCode> {
  const config = commonConfig(env, "cli");
  const { folder, file } = config;
  const groups = await Promise.all([
    within("nats-server", async () => [nodeCheck(process.versions.node), await natsServerCheck(env)]),
    within("folder", async () => [await folderCheck(folder)]),
    within("settings", () => settingsCheck(file)),
    within("disk", () => diskChecks(folder, historyPlace(historySettings(env, file), folder))),
    within("running", () => runningChecks(config, env), longestMs),
    platformChecks(env),
  ]);
  const checks = groups.flat();
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
