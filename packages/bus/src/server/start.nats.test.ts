import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { findNatsServer, startNatsServer } from "./index.ts";
import { startNats } from "./testing.ts";

const root = fileURLToPath(new URL("../../../../.bellhop", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "bellhop-start-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const { binary } = await findNatsServer({ root, env: process.env });

test("two servers that start at once get a port each and are ready when said to be", async () => {
  const servers = await Promise.all(["a", "b"].map((name) => startNatsServer({ binary, storeDir: join(folder, name) })));
  expect(new Set(servers.map((server) => server.port)).size).toBe(2);
  for (const server of servers) {
    const connection = await connect({ servers: server.url, reconnect: false });
    expect(connection.info?.jetstream).toBe(true);
    expect(connection.info?.version).toBe(server.version);
    expect(server.url).toBe(`nats://127.0.0.1:${server.port}`);
    await connection.close();
    await server.stop();
    expect((await server.exited).signal).not.toBe("SIGKILL");
  }
});

test("what was stored is there after kill -9 and a restart on the same port", async () => {
  const nats = await startNats();
  onTestFinished(() => nats.stop());
  const connection = await connect({ servers: nats.url, reconnect: false });
  await (await jetstreamManager(connection)).streams.add({ name: "S", subjects: ["s.>"] });
  await jetstream(connection).publish("s.1", "kept");
  const before = nats.pid;
  await nats.kill9();
  await nats.restart();
  expect(nats.pid).not.toBe(before);
  const again = await connect({ servers: nats.url });
  onTestFinished(() => again.close());
  const stored = await (await jetstreamManager(again)).streams.getMessage("S", { seq: 1 });
  expect(stored?.string()).toBe("kept");
});

test("a server that can't start rejects with its own last words", async () => {
  await expect(startNatsServer({ binary, storeDir: join(folder, "broken"), config: "no_such_setting: 1" })).rejects.toThrow(
    /ended \(1\) before it was ready:[^]*no_such_setting/,
  );
  await expect(startNatsServer({ binary: "/nowhere/nats-server", storeDir: join(folder, "missing") })).rejects.toThrow(
    /before it was ready/,
  );
});

for (const tie of ["setpriv", "sh"] as const) {
  test.skipIf(process.platform !== "linux")(
    `a server tied by ${tie} is gone soon after kill -9 of its owner, and stops when asked`,
    async () => {
      const server = await startNatsServer({ binary, storeDir: join(folder, tie), tie });
      await server.stop();
      expect(isGone(server.pid)).toBe(true);

      const start = JSON.stringify(fileURLToPath(new URL("start.ts", import.meta.url)));
      const options = JSON.stringify({ binary, storeDir: join(folder, `${tie}-owned`), tie });
      const script = `const { startNatsServer } = await import(${start}); console.log((await startNatsServer(${options})).pid); setInterval(() => {}, 1000);`;
      const owner = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
      const [line] = (await once(createInterface(owner.stdout), "line")) as [string];
      const pid = Number(line);
      expect(isGone(pid)).toBe(false);
      owner.kill("SIGKILL");
      await expect.poll(() => isGone(pid), { timeout: 20_000, interval: 20 }).toBe(true);
    },
  );
}

test("only this machine can reach it", async () => {
  const nats = await startNats();
  onTestFinished(() => nats.stop());
  const sockets = await readFile("/proc/net/tcp", "utf8");
  const port = nats.port.toString(16).toUpperCase().padStart(4, "0");
  expect(sockets).toContain(`0100007F:${port} 00000000:0000 0A`);
});

/** A killed process may stay a zombie where nobody reaps it, and still answers signals. */
function isGone(pid: number): boolean {
  const state = execFileSync("sh", ["-c", `sed -n 's/^State:\\s*//p' /proc/${pid}/status 2>/dev/null || true`]).toString();
  return state === "" || state.startsWith("Z");
}
