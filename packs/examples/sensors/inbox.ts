import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { defineSensor, z } from "@bellhop/sdk";
import config from "../config.ts";

export default defineSensor({
  description: "Files that come into a folder",
  enabled: false,
  config,
  triggers: {
    file_came: z
      .object({ name: z.string(), bytes: z.int(), changed: z.iso.datetime() })
      .describe("There is a file that was not there, or that has changed since."),
  },
  every: 2,
  timeout: 10,
  poll: async ({ emit, state, config: { folder }, log }) => {
    const names = await readdir(folder).catch(() => undefined);
    if (names === undefined) return log.warn({ folder }, "there is no such folder");
    const before = Seen.parse((await state.get("seen")) ?? {});
    const seen: z.infer<typeof Seen> = {};
    for (const name of names.toSorted()) {
      const found = await stat(join(folder, name)).catch(() => undefined);
      if (!found?.isFile()) continue;
      const changed = found.mtime.toISOString();
      // The key says that it is the same event, should this process be killed before it has remembered the file.
      if (before[name] !== changed) await emit("file_came", { name, bytes: found.size, changed }, { key: `${name}@${changed}` });
      seen[name] = changed;
    }
    if (JSON.stringify(seen) !== JSON.stringify(before)) await state.set("seen", seen);
  },
});

/** When each file changed last, by its name. */
const Seen = z.record(z.string(), z.string());
