import { ActionFailed, defineAction, table, z } from "@bellhop/sdk";
import config from "../config.ts";
import { openDisk } from "../disks/disk.ts";
import { targetNamed } from "../targets.ts";
import { inBytes } from "../words.ts";

const Row = z.object({ target: z.string(), percent: z.number().optional(), size: z.number().optional(), words: z.string() });

export default defineAction({
  description: "Look at the disks of all targets",
  config,
  output: z.object({ targets: z.array(Row), text: z.string().describe("The same for people, in Markdown: the fullest first.") }),
  repeatable: true,
  run: async ({ config, signal }) => {
    const names = Object.keys(config.targets);
    if (names.length === 0) {
      throw new ActionFailed("No target is configured.", { hint: "Targets stand in `packConfig.selfheal.targets` of bellhop.yaml." });
    }
    const look = async (name: string): Promise<z.infer<typeof Row>> => {
      try {
        const { percent, size } = await openDisk(targetNamed(config, name), signal).usage();
        return { target: name, percent, size, words: percent >= config.threshold ? "full" : "fine" };
      } catch (error) {
        // One that can't be reached must not hide the others.
        if (error instanceof ActionFailed) return { target: name, words: error.message };
        throw error;
      }
    };
    const targets = (await Promise.all(names.map(look))).toSorted((a, b) => (b.percent ?? 101) - (a.percent ?? 101));
    const text = table(targets, {
      Disk: ({ target }) => target,
      Used: ({ percent }) => (percent === undefined ? "?" : `${percent} %`),
      Of: ({ size }) => (size === undefined ? "?" : inBytes(size)),
      Is: ({ words }) => words,
    });
    return { targets, text };
  },
});
