import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { expect, onTestFinished, test } from "vitest";
import { findNatsServer } from "./find.ts";
import { superviseNatsServer } from "./supervise.ts";

const root = fileURLToPath(new URL("../../../../.bellhop", import.meta.url));

async function folder() {
  const made = await mkdtemp(join(tmpdir(), "bellhop-supervise-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

test("a killed server comes back by itself on its port with what it had stored, until it is stopped", async () => {
  const { binary } = await findNatsServer({ root, env: process.env });
  const lines: string[] = [];
  const back = Promise.withResolvers<void>();
  const tell = (line: string) => {
    lines.push(line);
    if (line.includes("is back")) back.resolve();
  };
  const server = await superviseNatsServer({ binary, storeDir: await folder(), tell });
  onTestFinished(() => server.stop());
  const connection = await connect({ servers: server.url, reconnect: false });
  await (await jetstreamManager(connection)).streams.add({ name: "S", subjects: ["s"] });
  await jetstream(connection).publish("s", "kept");
  const killed = server.pid;
  process.kill(killed, "SIGKILL");
  await back.promise;
  expect(server.pid).not.toBe(killed);
  expect(lines).toEqual([
    `nats-server: it ended (SIGKILL); starting it again on port ${server.port}`,
    `nats-server is back on port ${server.port}`,
  ]);
  const again = await connect({ servers: server.url });
  expect((await (await jetstreamManager(again)).streams.getMessage("S", { seq: 1 }))?.string()).toBe("kept");
  await again.close();
  await server.stop();
  await expect(server.ended).resolves.toBeUndefined();
  await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow();
});

test("after five failures in a minute it gives up and says the server's last words", async () => {
  const { binary } = await findNatsServer({ root, env: process.env });
  const home = await folder();
  // Starts like the real one once; from then on it is a server whose disk is full.
  const script = join(home, "nats-server");
  await writeFile(
    script,
    `#!/bin/sh\n[ -e ${home}/broken ] && { echo "no space left on device" >&2; exit 1; }\ntouch ${home}/broken\nexec ${binary} "$@"\n`,
  );
  await chmod(script, 0o755);
  const server = await superviseNatsServer({ binary: script, storeDir: join(home, "store") });
  process.kill(server.pid, "SIGKILL");
  await expect(server.ended).rejects.toMatchObject({ code: "nats_gave_up", message: expect.stringContaining("no space left on device") });
});

test("a server whose disk was full is started anew once there is room, and that is no failure of its own", async () => {
  const { binary } = await findNatsServer({ root, env: process.env });
  const home = await folder();
  const script = join(home, "nats-server");
  // One that is started says at once that its disk is full, six times: more often than it may fail.
  const full = `[ $(cat ${home}/starts | wc -l) -le 6 ] && echo "write /s/1.blk: no space left on device" >&2`;
  await writeFile(script, `#!/bin/sh\necho >> ${home}/starts\n${full}\nexec ${binary} "$@"\n`);
  await chmod(script, 0o755);
  const lines: string[] = [];
  const looks: number[] = [];
  let asked = 0;
  const back = Promise.withResolvers<void>();
  const server = await superviseNatsServer({
    binary: script,
    storeDir: join(home, "store"),
    lookEvery: 1,
    // It is asked before each start, and then every second look finds room.
    free: async () => (asked++ % 3 === 0 || looks.push(server.pid) % 2 === 1 ? 0 : 64 * 2 ** 20),
    tell: (line) => {
      lines.push(line);
      if (lines.filter((one) => one.includes("is back")).length === 6) back.resolve();
    },
  });
  onTestFinished(() => server.stop());
  await back.promise;
  const story = [
    `nats-server finds no room in ${join(home, "store")} and takes nothing more; once 32 MB are free it is started again`,
    `nats-server: there is room again; starting it again on port ${server.port}`,
    `nats-server is back on port ${server.port}`,
  ];
  expect(story.map((told) => lines.filter((line) => line === told).length)).toEqual([6, 6, 6]);
  expect(lines.length).toBe(18);
  expect(looks.length).toBe(12);
  expect(new Set(looks).size).toBe(6);
  const connection = await connect({ servers: server.url, reconnect: false });
  await connection.close();
});

test("a server that took all it may is started anew, and takes more beside what it has", async () => {
  const { binary } = await findNatsServer({ root, env: process.env });
  const back = Promise.withResolvers<void>();
  const server = await superviseNatsServer({
    binary,
    storeDir: await folder(),
    lookEvery: 1,
    // As on a disk with so much left each time: 30 MB of it are taken.
    free: async () => 40 * 2 ** 20,
    tell: (line) => line.includes("is back") && back.resolve(),
  });
  onTestFinished(() => server.stop());
  const connection = await connect({ servers: server.url, reconnect: false });
  await (await jetstreamManager(connection)).streams.add({ name: "S", subjects: ["s"] });
  const megabyte = new Uint8Array(1_000_000);
  const fill = async () => {
    for (let count = 0; count < 100; count++) await jetstream(connection).publish("s", megabyte);
  };
  await expect(fill()).rejects.toThrow();
  await back.promise;
  const again = await connect({ servers: server.url });
  const { seq } = await jetstream(again).publish("s", megabyte);
  expect(seq).toBeGreaterThan(25);
  await again.close();
});

test("a first start that fails is told to the caller at once", async () => {
  await expect(superviseNatsServer({ binary: "/nowhere/nats-server", storeDir: await folder() })).rejects.toThrow(/before it was ready/);
});
