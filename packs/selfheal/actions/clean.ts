import { defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { openDisk } from "../disks/disk.ts";
import { monitorOf } from "../monitor.ts";
import { pick } from "../pick.ts";
import { megabyte, targetNamed } from "../targets.ts";
import { counted, inBytes } from "../words.ts";

export default defineAction({
  description: "Remove the oldest files of a target's folders, as far as the disk needs it and the configuration allows it",
  config,
  input: {
    target: z.string().min(1).describe("A target of the pack's configuration, such as web-1."),
    more: z.boolean().default(false).describe("Whether the folders that a person has to name may be cleaned, too."),
    dry_run: z.boolean().default(false).describe("Whether it only says what would go."),
  },
  output: z.object({
    target: z.string(),
    removed: z.int().describe("Files."),
    freed: z.number().describe("Bytes."),
    ends: z.enum(["goal", "bounds", "nothing-left"]),
    files: z.array(z.string()).describe("The oldest of them."),
    text: z.string().describe("The same for people."),
  }),
  // It cleans towards a goal: what is there of it already is not removed twice.
  repeatable: true,
  timeout: 600,
  run: async ({ input, config, signal, log }) => {
    const target = targetNamed(config, input.target);
    const disk = openDisk(target, signal);
    const { size, used, percent } = await disk.usage();
    const folders = input.more ? [...target.clean, ...target.more] : target.clean;
    const picked = pick(await disk.files(folders), {
      folders,
      // Without a rest that is whole per cents: df rounds up.
      wanted: percent <= config.goal ? 0 : used - (size * config.goal) / 100,
      writtenBefore: Date.now() - config.youngest * 60_000,
      mostFiles: config.most_files,
      mostBytes: config.most_megabytes * megabyte,
    });
    const paths = picked.files.map(({ path }) => path);
    if (!input.dry_run) {
      await disk.remove(paths);
      log.info({ target: target.name, files: paths.length, bytes: picked.bytes }, "cleaned");
    }
    const what = paths.length === 0 ? "nothing" : `${counted(paths.length, "file")}, ${inBytes(picked.bytes)}`;
    const told = { goal: "", bounds: ": no more at once", "nothing-left": ": nothing else may go" }[picked.ends];
    const text = `${input.dry_run ? "Would remove" : "Removed"} ${what}${told}`;
    if (target.quota !== undefined && !input.dry_run && (await disk.usage()).percent < config.threshold)
      await monitorOf(target, { config, signal, now: new Date() }).resolves();
    return { target: target.name, removed: paths.length, freed: picked.bytes, ends: picked.ends, files: paths.slice(0, 20), text };
  },
});
