// `pnpm soak --minutes 60`: one JSON object on standard output, what happens on standard error. 1 where something is not as it should be.
import { createWriteStream } from "node:fs";
import { parseArgs } from "node:util";
import { standSteady } from "./steady.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    /** Commands in a second. */
    rate: { type: "string", default: "1" },
    /** A file for the samples, one JSON object to a line. */
    samples: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
if (!(minutes > 0) || !(rate > 0)) {
  console.error("--minutes and --rate take numbers above 0: pnpm soak --minutes 60 --rate 1");
  process.exit(2);
}
const file = values.samples === undefined ? undefined : createWriteStream(values.samples);
const found = await standSteady({
  minutes,
  rate,
  tell: (line) => console.error(line),
  onSample: (sample) => file?.write(`${JSON.stringify(sample)}\n`),
});
console.log(JSON.stringify(found, undefined, 2));
process.exit(found.faults.length === 0 ? 0 : 1);
