import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { prepareSynapse } from "./setup.ts";

const prepared = await prepareSynapse();
if (prepared.kind === "skipped") {
  console.log(`skipped: Synapse can't be set up here: ${prepared.why}`);
} else {
  const vitest = join(import.meta.dirname, "..", "node_modules", ".bin", "vitest");
  const args = ["run", "--config", join(import.meta.dirname, "vitest.config.ts"), ...process.argv.slice(2)];
  const child = spawn(vitest, args, { stdio: "inherit", env: { ...process.env, BELLHOP_SYNAPSE_ROOT: prepared.root } });
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
}
