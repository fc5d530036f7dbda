import { lstat, readdir, realpath, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Disk, DiskFile } from "./disk.ts";

/** A folder with a quota: how full it is, is what its files say of their size, so that holes cost nothing. Hidden files are the simulator's own. */
export function openSimulatedDisk({ path, quota }: { path: string; quota: number }): Disk {
  return {
    async usage() {
      const used = (await filesIn(path)).reduce((sum, { bytes }) => sum + bytes, 0);
      return { size: quota, used, percent: Math.ceil((used / quota) * 100) };
    },
    async files(folders) {
      const own = await Promise.all(folders.map(async (folder) => ((await isLinked(path, folder)) ? [] : await filesIn(folder))));
      return own.flat();
    },
    async remove(paths) {
      for (const one of paths) await rm(one, { force: true });
    },
  };
}

/** Whether a folder below another is somewhere else in truth. */
async function isLinked(path: string, folder: string): Promise<boolean> {
  const [real, target] = await Promise.all([path, folder].map((one) => realpath(one).catch(() => undefined)));
  return real !== undefined && target !== undefined && relative(real, target) !== relative(path, folder);
}

async function filesIn(folder: string): Promise<DiskFile[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(none)).filter(({ name }) => !name.startsWith("."));
  const found = entries.map(async (entry): Promise<DiskFile[]> => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return await filesIn(path);
    if (!entry.isFile()) return [];
    const looked = await lstat(path).catch(none);
    return "size" in looked ? [{ path, bytes: looked.size, writtenAt: looked.mtimeMs }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** What was removed meanwhile, or never was, has no files. */
function none(error: NodeJS.ErrnoException): never[] {
  if (error.code === "ENOENT") return [];
  throw error;
}
