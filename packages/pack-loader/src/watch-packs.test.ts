import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { loadPack, type FaultyPack, type LoadedPack } from "./load-pack.ts";
import { emptyFolder, writePack } from "./testing/write-pack.ts";
import { watchPacks, type WatchOptions } from "./watch-packs.ts";

vi.setConfig({ testTimeout: 60_000 });

const packYaml = (version: string) => `name: shop\nversion: ${version}\ndescription: x\nauthor: x\n`;
const action = "name: open\nrunner_type: local-shell-cmd\n";

/** Watches a folder; each call of a callback is an event that can be waited for. */
async function watching(folder: string, more: Partial<WatchOptions> = {}) {
  const events: string[] = [];
  const packs: LoadedPack[] = [];
  let wake = () => {};
  const tell = (event: string) => {
    events.push(event);
    wake();
  };
  const watcher = await watchPacks({
    folders: [folder],
    onLoaded: (_, pack) => {
      packs.push(pack);
      tell(`loaded ${pack.version.version}`);
    },
    onFaulty: (_, pack) => {
      tell(`faulty ${pack.problems[0]?.file}:${pack.problems[0]?.line}`);
      return undefined;
    },
    onRemoved: (_, name) => tell(`removed ${name}`),
    ...more,
  });
  onTestFinished(() => watcher.stop());
  return {
    events,
    packs,
    watcher,
    async next(): Promise<string> {
      while (events.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return events.shift() ?? "";
    },
  };
}

test("a pack is read at the start and after each change", async () => {
  const folder = await writePack({ "pack.yaml": packYaml("1"), "actions/open.yaml": action });
  const seen = await watching(folder);
  expect(seen.events.splice(0)).toEqual(["loaded 1"]);
  await writePack({ "pack.yaml": packYaml("2") }, folder);
  expect(await seen.next()).toBe("loaded 2");
  await writePack({ "aliases/open.yaml": "name: open\naction_ref: shop.open\nformats: [open]\n" }, folder);
  expect(await seen.next()).toBe("loaded 2");
});

test("a file is read each time that another is moved into its place, as editors do when they save", async () => {
  const folder = await writePack({ "pack.yaml": packYaml("0"), "actions/open.yaml": action });
  const aside = await emptyFolder();
  const seen = await watching(folder);
  expect(await seen.next()).toBe("loaded 0");
  for (const version of ["1", "2", "3"]) {
    await writePack({ "pack.yaml": packYaml(version) }, aside);
    await rename(join(aside, "pack.yaml"), join(folder, "pack.yaml"));
    expect(await seen.next()).toBe(`loaded ${version}`);
  }
});

test("folders within a pack may come, go and be replaced", async () => {
  const folder = await writePack({ "pack.yaml": packYaml("1") });
  const aside = await emptyFolder();
  const seen = await watching(folder);
  await seen.next();
  const edits = [
    () => writePack({ "actions/open.yaml": action }, folder),
    () => writePack({ "actions/open.yaml": `${action}description: edited\n` }, folder),
    async () => {
      await rename(join(folder, "actions"), join(aside, "old"));
      await writePack({ "new/open.yaml": `${action}description: another\n` }, aside);
      await rename(join(aside, "new"), join(folder, "actions"));
    },
    () => writePack({ "actions/open.yaml": `${action}description: edited again\n` }, folder),
    () => rm(join(folder, "actions"), { recursive: true }),
  ];
  const descriptions: string[] = [];
  for (const edit of edits) {
    await edit();
    // What lies between two of its steps may be read as well.
    const expected = ["", "edited", "another", "edited again", "none"][descriptions.length];
    let found: string | undefined;
    while (found !== expected) {
      await seen.next();
      found = seen.packs.at(-1)?.version.actions[0]?.description ?? "none";
    }
    descriptions.push(found ?? "");
  }
  expect(descriptions).toEqual(["", "edited", "another", "edited again", "none"]);
});

test("a faulty edit is told once, and mending it is told too", async () => {
  const folder = await writePack({ "pack.yaml": packYaml("1"), "actions/open.yaml": action });
  const seen = await watching(folder);
  await seen.next();
  await writePack({ "actions/open.yaml": `${action}oops: 1\n` }, folder);
  expect(await seen.next()).toBe("faulty actions/open.yaml:3");
  await writePack({ "actions/open.yaml": action }, folder);
  expect(await seen.next()).toBe("loaded 1");
  expect(seen.events).toEqual([]);
});

test("a pack that is taken away is told, and so is its return", async () => {
  const folder = join(await emptyFolder(), "shop");
  await writePack({ "pack.yaml": packYaml("1"), "actions/open.yaml": action }, folder);
  const seen = await watching(folder);
  await seen.next();
  await rename(folder, `${folder}-away`);
  expect(await seen.next()).toBe("removed shop");
  await rename(`${folder}-away`, folder);
  expect(await seen.next()).toBe("loaded 1");
  await writePack({ "pack.yaml": packYaml("2") }, folder);
  expect(await seen.next()).toBe("loaded 2");
  await rm(folder, { recursive: true });
  let event = await seen.next();
  // Files vanish one by one: what is left in between may be read as faulty.
  while (event.startsWith("faulty")) event = await seen.next();
  expect(event).toBe("removed shop");
});

test("a folder that is not there yet is waited for", async () => {
  const folder = join(await emptyFolder(), "shop");
  const seen = await watching(folder);
  expect(seen.events).toEqual([]);
  await writePack({ "pack.yaml": packYaml("1") }, folder);
  let event = await seen.next();
  while (event.startsWith("faulty")) event = await seen.next();
  expect(event).toBe("loaded 1");
});

test("after stop nothing is told", async () => {
  const folder = await writePack({ "pack.yaml": packYaml("1") });
  const seen = await watching(folder);
  await seen.next();
  await seen.watcher.stop();
  await writePack({ "pack.yaml": packYaml("2") }, folder);
  const other = await watching(folder);
  expect(await other.next()).toBe("loaded 2");
  expect(seen.events).toEqual([]);
});

test("a pack that is faulty for a time only is read again by itself; the one before answers until then", async () => {
  const folder = await writePack({ "pack.yaml": packYaml("1") });
  const why = { file: "package.json", line: 1, column: 1, message: "The registry is away.", hint: "" };
  const away: FaultyPack = { kind: "faulty", problems: [why], warnings: [], temporary: true };
  let reads = 0;
  const seen = await watching(folder, { retryMs: 5, load: async () => (++reads > 1 && reads < 5 ? away : await loadPack(folder)) });
  expect(await seen.next()).toBe("loaded 1");
  await writePack({ "pack.yaml": packYaml("2") }, folder);
  expect([await seen.next(), await seen.next()]).toEqual(["faulty package.json:1", "loaded 2"]);
  expect(reads).toBe(5);
});

test("what takes long is waited for by nobody at the start, and ends with the watch", async () => {
  const folder = await writePack({ "pack.yaml": packYaml("1") });
  const ended = Promise.withResolvers<string>();
  const seen = await watching(folder, {
    load: async (_, { takesLong, signal }) => {
      takesLong();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      ended.resolve("ended");
      return await loadPack(folder);
    },
  });
  await seen.watcher.stop();
  expect(await ended.promise).toBe("ended");
  expect(seen.events).toEqual([]);
});
