import { parseArgs } from "node:util";
import { crashPoints } from "@bellhop/service";
import { hitPoint, pointCases } from "./points.ts";
import { soak } from "./soak.ts";

const { values } = parseArgs({
  options: {
    list: { type: "boolean" },
    point: { type: "string" },
    seed: { type: "string" },
    soak: { type: "boolean" },
    "real-time": { type: "boolean" },
    help: { type: "boolean" },
  },
});
// The suite runs at a tenth of the durations that installations use.
const factor = values["real-time"] === true ? 1 : 0.1;

if (values.help === true) {
  console.log(
    "pnpm faults [--list | --point NAME | --soak [--seed N]] [--real-time]\nWithout arguments: every crash point, of processes and of nats-server, then a soak.",
  );
} else if (values.list === true) {
  const width = Math.max(...Object.keys(crashPoints).map((name) => name.length));
  for (const [name, where] of Object.entries(crashPoints)) console.log(`${name.padEnd(width)}  ${where}`);
} else {
  let bad = 0;
  if (values.soak !== true) {
    const cases = pointCases().filter(({ point }) => values.point === undefined || point === values.point);
    if (cases.length === 0) {
      console.error(`There is no crash point ${values.point ?? ""} of engine or runner. See pnpm faults --list.`);
      process.exit(2);
    }
    for (const { point, victim } of cases) {
      const { hits, faults, done, abandoned } = await hitPoint({ point, victim, factor });
      const hit = hits.some((one) => one.startsWith(`${point} `));
      if (faults.length > 0 || !hit) bad += 1;
      console.log(
        `${hit && faults.length === 0 ? "ok " : "BAD"} ${point} (${victim}): ${done} done, ${abandoned} abandoned${hit ? "" : ", never reached"}`,
      );
      for (const fault of faults) console.log(`    ${fault}`);
    }
  }
  if (values.point === undefined) {
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    const { faults, ...figures } = await soak({ seed, commands: 200, kills: 36, factor });
    if (faults.length > 0) bad += 1;
    console.log(`${faults.length === 0 ? "ok " : "BAD"} soak: ${JSON.stringify(figures)}`);
    for (const fault of faults) console.log(`    ${fault}`);
  }
  process.exit(bad === 0 ? 0 : 1);
}
