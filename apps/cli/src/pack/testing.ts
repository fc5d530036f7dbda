import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import { buckets, scaled } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";
import { startNats } from "@bellhop/testkit";
import { startRegistry, type TestRegistry } from "@bellhop/testkit/registry";
import { callBellhop, environmentOf, type Said } from "../testing.ts";

/** An installation that runs nothing but NATS, and a registry, for the tests of one file. */
export interface Stand {
  readonly bus: Bus;
  readonly registry: TestRegistry;
  readonly url: string;
  /** @param config bellhop.yaml */
  readonly environment: (config?: string) => Record<string, string | undefined>;
  /** `bellhop pack …`, in this process. */
  readonly pack: (args: string, config?: string) => Promise<Said>;
  readonly json: (args: string, config?: string) => Promise<Record<string, unknown>>;
  /** Writes a file at home; answers its path. */
  readonly write: (name: string, text: string) => string;
  /** A folder with the pack `shop`, or one of another name. */
  readonly folderOf: (version: string, options?: { name?: string; more?: Record<string, string> }) => string;
  /** Puts `shop` on the registry's shelf as `@acme/<name>`. */
  readonly publish: (name: string, version: string) => Promise<void>;
  /** As if nothing had ever been installed. */
  readonly clear: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function openStand(): Promise<Stand> {
  const [nats, registry] = await Promise.all([startNats(), startRegistry()]);
  const home = mkdtempSync(join(tmpdir(), "bellhop-versions-"));
  const bus = await connectBus({ url: nats.url, name: "test", durations: scaled(0.1), log: silentLog });
  await bus.setUp();
  let folders = 0;

  const write = (name: string, text: string): string => {
    const path = join(home, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };

  const environment = (config = "{}") =>
    environmentOf({
      HOME: home,
      BELLHOP_FOLDER: join(home, ".bellhop"),
      BELLHOP_CONFIG: write("bellhop.yaml", config),
      NATS_URL: nats.url,
      npm_config_userconfig: join(home, "npmrc"),
    });

  const pack = async (args: string, config?: string): Promise<Said> =>
    await callBellhop(["pack", ...args.split(" ")], { env: environment(config) });

  const folderOf: Stand["folderOf"] = (version, { name = "shop", more = {} } = {}) => {
    const folder = `pack-${++folders}`;
    const files = {
      "pack.yaml": `name: ${name}\nversion: ${version}\ndescription: Sells ${version}\nauthor: Acme\n`,
      "actions/open.yaml":
        "name: open\nrunner_type: local-shell-cmd\ndescription: Opens\nparameters:\n  cmd: {type: string, default: date, description: What to run}\n",
      "aliases/open.yaml": `name: open\naction_ref: ${name}.open\nformats: ['open the ${name}']\n`,
      ...more,
    };
    for (const [path, text] of Object.entries(files)) write(join(folder, path), text);
    return join(home, folder);
  };

  return {
    bus,
    registry,
    url: nats.url,
    environment,
    pack,
    json: async (args, config) => JSON.parse((await pack(`${args} --json`, config)).out) as Record<string, unknown>,
    write,
    folderOf,
    async publish(name, version) {
      const manifest = { name: `@acme/${name}`, version, keywords: ["bellhop-pack"], description: `The ${name}` };
      await registry.addFolder(folderOf(version, { more: { "package.json": JSON.stringify(manifest) } }));
    },
    async clear() {
      write("npmrc", registry.npmrc);
      for (const bucket of [bus.bucket(buckets.catalog), bus.bucket(buckets.version)])
        for (const { key } of await bucket.entries()) await bucket.delete(key);
    },
    async stop() {
      await bus.drain();
      await Promise.all([nats.stop(), registry.close()]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
