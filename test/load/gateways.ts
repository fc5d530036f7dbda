// `pnpm bench:gateways`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Figure, Report } from "./figures.ts";
import { measureExchange, measurePaced } from "./gateways/exchange.ts";
import { PlatformName, platformNames } from "./gateways/order.ts";
import { measureRest } from "./gateways/rest.ts";
import { endAll, removeFolders } from "./processes.ts";
import { asOperator, startServer } from "./stack.ts";

const { values } = parseArgs({
  options: {
    /** Some of: slack, discord, matrix. */
    platforms: { type: "string", default: platformNames.join() },
    /** Some of: exchange, paced, rest. */
    only: { type: "string", default: "exchange,paced,rest" },
    /** A folder for V8's CPU profiles of the gateways. */
    profile: { type: "string" },
  },
});
const notMeasured = [
  "the platforms themselves and the way to them: the fakes answer from memory on loopback, share a process with the load and the machine's cores with everything else",
  "files, edits, reactions, typing, long replies in several pieces, direct messages and mentions",
  "connecting, reconnecting and catching up; faults, retries, the spool, and a platform that is away",
  "marks: written by the clock, at most one a second for each room, and by the product alone",
  "several gateways for one account, and several accounts in one process",
  "loss of the machine, and replicated streams; a store that has grown for days",
];
const wanted = new Set(values.only.split(","));
const names = z.array(PlatformName).parse(values.platforms.split(","));

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    void endAll().finally(() => process.exit(1));
  });
}
process.once("exit", removeFolders);

const figures: Figure[] = [];
try {
  const node = values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];
  const place = await startServer("gateways");
  await asOperator(place, (bus) => bus.setUp());
  if (wanted.has("exchange")) for (const name of names) figures.push(...(await measureExchange({ name, place, node })));
  if (wanted.has("paced")) for (const name of names) figures.push(...(await measurePaced({ name, place })));
  if (wanted.has("rest")) figures.push(...(await measureRest()));
  await place.server.stop();
  const report: Report = { bench: "gateways", figures, not_measured: notMeasured };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await endAll();
}
process.exit(0);
