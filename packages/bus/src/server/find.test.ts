import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fetchRelease } from "./fetch-release.ts";
import type { Fetch } from "./fetch.ts";
import { findNatsServer } from "./find.ts";

const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;

async function folders() {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-find-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [root, path] = [join(folder, ".bellhop"), join(folder, "path")];
  await mkdir(path);
  const lines: string[] = [];
  return { root, path, lines, options: { root, env: { PATH: path }, log: (line: string) => void lines.push(line) } };
}

/** Stands for a server as far as finding goes: it says its version. */
async function program(file: string, version: string): Promise<void> {
  await writeFile(`${file}.new`, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  await chmod(`${file}.new`, 0o755);
  await rename(`${file}.new`, file);
}

function brings(version: string, calls: string[] = []): { name: string; fetch: Fetch } {
  return {
    name: `a way to ${version}`,
    fetch: async ({ target }) => {
      calls.push(version);
      await program(target, version);
      return `somewhere with ${version}`;
    },
  };
}

const fails = { name: "the moon", fetch: () => Promise.reject(new Error("too far away")) };

test("a server on PATH is taken before the one in .bellhop", async () => {
  const { root, path, options } = await folders();
  await mkdir(join(root, "bin"), { recursive: true });
  await program(join(root, "bin/nats-server"), "2.15.0");
  expect(await findNatsServer(options)).toEqual({ binary: join(root, "bin/nats-server"), version: "2.15.0", from: ".bellhop/bin" });
  await program(join(path, "nats-server"), "2.10.0");
  expect(await findNatsServer(options)).toEqual({ binary: join(path, "nats-server"), version: "2.10.0", from: "PATH" });
});

test("an old server on PATH is passed over with a line that says so", async () => {
  const { path, lines, options } = await folders();
  await program(join(path, "nats-server"), "2.9.10");
  const found = await findNatsServer({ ...options, fetches: [brings("2.15.0")] });
  expect(found.from).toBe("somewhere with 2.15.0");
  expect(lines.join("\n")).toMatch(/passed over .*path\/nats-server: it is 2\.9\.10, which loses acknowledgements/);
});

test("the next way is tried when one fails, and what can't run or is too old does not count", async () => {
  const { root, options } = await folders();
  const found = await findNatsServer({ ...options, fetches: [fails, brings("2.9.0"), brings("2.11.0")] });
  expect(found).toEqual({ binary: join(root, "bin/nats-server"), version: "2.11.0", from: "somewhere with 2.11.0" });
});

test("when nothing helps, all that was tried is listed with what to do", async () => {
  const { path, options } = await folders();
  await program(join(path, "nats-server"), "2.9.10");
  await expect(findNatsServer({ ...options, fetches: [fails] })).rejects.toMatchObject({
    code: "nats_missing",
    message: expect.stringMatching(/nats-server on PATH[^]*it is 2\.9\.10[^]*the moon: too far away/),
    hint: expect.stringMatching(/install nats-server 2\.10\.0 or later[^]*NATS_URL/),
  });
});

test("callers that come at once fetch once, and leave nothing but the program", async () => {
  const { root, options } = await folders();
  const calls: string[] = [];
  const found = await Promise.all([1, 2, 3, 4].map(() => findNatsServer({ ...options, fetches: [brings("2.15.0", calls)] })));
  expect(found.map((one) => one.version)).toEqual(["2.15.0", "2.15.0", "2.15.0", "2.15.0"]);
  expect(calls).toHaveLength(1);
  expect(await readdir(join(root, "bin"))).toEqual(["nats-server"]);
});

test("the lock of a caller that was killed is no obstacle", async () => {
  const { root, options } = await folders();
  await mkdir(join(root, "bin"), { recursive: true });
  await writeFile(join(root, "bin/fetch.lock"), `${process.pid} 1`);
  expect((await findNatsServer({ ...options, fetches: [brings("2.15.0")] })).version).toBe("2.15.0");
});

async function publishRelease() {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-release-"));
  const name = `nats-server-v9.9.9-${platform}`;
  await mkdir(join(folder, name));
  await program(join(folder, name, "nats-server"), "9.9.9");
  execFileSync("tar", ["-czf", `${name}.tar.gz`, name], { cwd: folder });
  const archive = await readFile(join(folder, `${name}.tar.gz`));
  const sum = createHash("sha256").update(archive).digest("hex");
  const server = createServer((request, response) => {
    if (request.url === `/r/${name}.tar.gz`) response.end(archive);
    else if (request.url === "/r/SHA256SUMS") response.end(`0000  other.zip\n${sum}  ${name}.tar.gz\n`);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { version: "9.9.9", from: `http://127.0.0.1:${(server.address() as AddressInfo).port}/r`, sum };
}

test("a release is used when its checksum is the pinned one, or the published one where none is pinned", async () => {
  const { root, options } = await folders();
  const { sum, ...release } = await publishRelease();
  await mkdir(join(root, "bin"), { recursive: true });
  for (const sha256 of [{ [platform]: sum }, {}]) {
    await rm(join(root, "bin/nats-server"), { force: true });
    const fetch: Fetch = (how) => fetchRelease({ ...how, release: { ...release, sha256 } });
    expect((await findNatsServer({ ...options, fetches: [{ name: "release", fetch }] })).from).toBe("the official release 9.9.9");
  }
});

test("a release with another checksum is not used", async () => {
  const { root, options } = await folders();
  const { sum, ...release } = await publishRelease();
  const fetch: Fetch = (how) => fetchRelease({ ...how, release: { ...release, sha256: { [platform]: sum.replace(/^./, "x") } } });
  await expect(findNatsServer({ ...options, fetches: [{ name: "release", fetch }] })).rejects.toThrow(
    /has the checksum .*: it was not used/,
  );
  expect(await readdir(join(root, "bin"))).toEqual([]);
});

test("a host that never answers is given up after seconds, by name", async () => {
  const { options } = await folders();
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => silent.close().closeAllConnections());
  const { port } = silent.address() as AddressInfo;
  const release = { version: "9.9.9", from: `http://127.0.0.1:${port}`, sha256: { [platform]: "0" } };
  const fetch: Fetch = (how) => fetchRelease({ ...how, release, silenceMs: 50 });
  await expect(findNatsServer({ ...options, fetches: [{ name: "release", fetch }] })).rejects.toThrow(
    `127.0.0.1:${port} did not answer within 0.05 s`,
  );
});
