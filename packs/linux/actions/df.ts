import { readFile, realpath, statfs } from "node:fs/promises";
import { hostname } from "node:os";
import { ActionFailed, code, defineAction, table, z } from "@bellhop/sdk";
import { diskMounts, mountOf, parseMounts, type Mount } from "./lib/mounts.ts";
import { sizeOf } from "./lib/words.ts";

const FileSystem = z.object({
  device: z.string(),
  type: z.string(),
  mounted: z.string().describe("The folder it is mounted at."),
  size: z.int().describe("In bytes, as the other amounts."),
  used: z.int(),
  available: z.int().describe("What is left for programs that are not root's."),
  percent: z.int().describe("Used, of what programs may use."),
});

export default defineAction({
  description: "Tell how full this machine's disks are",
  input: {
    path: z
      .string()
      .regex(/^\//, "a path that starts with /")
      .optional()
      .describe("The disk that holds this file or folder; absent: all disks, not those over a network."),
  },
  output: z.object({
    host: z.string().describe("The machine that the runner is on."),
    filesystems: z.array(FileSystem).describe("The fullest first."),
    table: z.string().describe("The same for people, in Markdown."),
  }),
  repeatable: true,
  run: async ({ input: { path } }) => {
    const mounts = parseMounts(await readFile("/proc/self/mounts", "utf8"));
    const wanted = path === undefined ? diskMounts(mounts) : [await holderOf(mounts, path)];
    const found = await Promise.all(wanted.map(measured));
    const filesystems = found.filter((one) => one !== undefined).toSorted((a, b) => b.percent - a.percent);
    return {
      host: hostname(),
      filesystems,
      table: table(filesystems, {
        Mounted: ({ mounted }) => code(mounted),
        "Used, %": ({ percent }) => percent,
        Used: ({ used }) => sizeOf(used),
        Available: ({ available }) => sizeOf(available),
        Size: ({ size }) => sizeOf(size),
        Device: ({ device }) => code(device),
      }),
    };
  },
});

async function holderOf(mounts: readonly Mount[], path: string): Promise<Mount> {
  const real = await realpath(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" ? "There is no" : error.code === "EACCES" ? "The runner may not look at" : `${error.code} at`;
    throw new ActionFailed(`${why} ${path} on ${hostname()}.`, { cause: error });
  });
  const mount = mountOf(mounts, real);
  if (mount === undefined) throw new ActionFailed(`No mounted disk holds ${path} on ${hostname()}.`);
  return mount;
}

/** Undefined where there is nothing to fill, or the runner may not look. */
async function measured({ device, type, at }: Mount): Promise<z.infer<typeof FileSystem> | undefined> {
  const facts = await statfs(at).catch(() => undefined);
  if (facts === undefined || facts.blocks === 0) return undefined;
  const used = (facts.blocks - facts.bfree) * facts.bsize;
  const available = facts.bavail * facts.bsize;
  // As df has it: what is kept for root counts as neither.
  const percent = used + available === 0 ? 100 : Math.ceil((used / (used + available)) * 100);
  return { device, type, mounted: at, size: facts.blocks * facts.bsize, used, available, percent };
}
