// `pnpm bench:gateways`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { z } from "zod";
import { option, profiling, runBench } from "./bench.ts";
import type { Figure } from "./figures.ts";
import { measureExchange, measurePaced } from "./gateways/exchange.ts";
import { PlatformName, platformNames } from "./gateways/order.ts";
import { measureRest } from "./gateways/rest.ts";
import { asOperator, startServer } from "./stack.ts";

/** Some of: slack, discord, matrix. */
const names = z.array(PlatformName).parse(option("platforms", platformNames.join()).split(","));
const node = profiling();
const place = await startServer("gateways");
await asOperator(place, (bus) => bus.setUp());

await runBench({
  name: "gateways",
  parts: {
    exchange: () => onEach((name) => measureExchange({ name, place, node })),
    paced: () => onEach((name) => measurePaced({ name, place })),
    rest: measureRest,
  },
  end: () => place.server.stop(),
  notMeasured: [
    "the platforms themselves and the way to them: the fakes answer from memory on loopback, share a process with the load and the machine's cores with everything else",
    "files, edits, reactions, typing, long replies in several pieces, direct messages and mentions",
    "connecting, reconnecting and catching up; faults, retries, the spool, and a platform that is away",
    "marks: written by the clock, at most one a second for each room, and by the product alone",
    "several gateways for one account, and several accounts in one process",
    "loss of the machine, and replicated streams; a store that has grown for days",
  ],
});

async function onEach(measure: (name: PlatformName) => Promise<readonly Figure[]>): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const name of names) figures.push(...(await measure(name)));
  return figures;
}
