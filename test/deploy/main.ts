// `pnpm check:deploy`: what docs/deploy holds, checked as far as this machine can. 1 where something is wrong; what can't be checked here is said.
import { checkCompose } from "./compose.ts";
import { checkContainerFile } from "./containerfile.ts";
import type { Outcome } from "./outcome.ts";
import { checkSandbox } from "./sandbox.ts";
import { checkUnits, checkUnitsAlike } from "./units.ts";

const checks: readonly (readonly [name: string, check: () => Outcome | Promise<Outcome>])[] = [
  ["container file", checkContainerFile],
  ["compose", checkCompose],
  ["units are alike", checkUnitsAlike],
  ["units", checkUnits],
  ["the image's tree, started", checkSandbox],
];

let bad = 0;
for (const [name, check] of checks) {
  const outcome = await check();
  if (outcome.kind === "ok") console.log(`ok      ${name}: ${outcome.found}`);
  else if (outcome.kind === "skipped") console.log(`skipped ${name}: ${outcome.why}`);
  else {
    bad += 1;
    console.log(`BAD     ${name}`);
    for (const fault of outcome.faults) console.log(`        ${fault}`);
  }
}
process.exit(bad === 0 ? 0 : 1);
