import { mkdir, open, utimes } from "node:fs/promises";
import { join } from "node:path";
import { ActionFailed, defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { openSimulatedDisk } from "../disks/simulated.ts";
import { monitorOf } from "../monitor.ts";
import { targetNamed } from "../targets.ts";

export default defineAction({
  description: "Fill a simulated disk, and send the alert that a monitor would send",
  config,
  input: {
    target: z.string().min(1).describe("A target with a quota."),
    stubborn: z.boolean().default(false).describe("Whether it fills up where only a person lets it be cleaned."),
  },
  output: z.object({ target: z.string(), percent: z.number(), text: z.string().describe("The same for people.") }),
  run: async ({ input, config, signal }) => {
    const target = targetNamed(config, input.target);
    const { path, quota } = target;
    if (quota === undefined)
      throw new ActionFailed(`${target.name} is no simulated disk, and is not filled.`, { hint: "Give a target of your own a `quota`." });
    const folder = (input.stubborn ? target.more : target.clean)[0];
    if (folder === undefined)
      throw new ActionFailed(`${target.name} has no folder to fill.`, {
        hint: `Name one in its \`${input.stubborn ? "more" : "clean"}\`.`,
      });
    const disk = openSimulatedDisk({ path, quota });
    await fill({ folder, bytes: (quota * fullness) / 100 - (await disk.usage()).used });
    const { percent } = await disk.usage();
    await monitorOf(target, { config, signal, now: new Date() }).fires(percent);
    return { target: target.name, percent, text: `${target.name} is ${percent} % full, and its monitor says so.` };
  },
});

/** Per cent that a simulated disk is filled to: full by any threshold. */
const fullness = 97;

/** Files of twenty hours, one an hour, which have a size and take no room. */
async function fill({ folder, bytes }: { folder: string; bytes: number }): Promise<void> {
  if (bytes <= 0) return;
  await mkdir(folder, { recursive: true });
  const hours = 20;
  for (let hour = 1; hour <= hours; hour += 1) {
    const at = new Date(Date.now() - (hour + 1) * 3_600_000);
    const path = join(folder, `${at.toISOString().slice(0, 19).replaceAll(":", "-")}.log`);
    const file = await open(path, "a");
    await file.truncate((await file.stat()).size + Math.floor(bytes / hours));
    await file.close();
    await utimes(path, at, at);
  }
}
