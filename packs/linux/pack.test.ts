import { createSocket, type Socket } from "node:dgram";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { delimiter, join } from "node:path";
import { openChat, runAction } from "@bellhop/sdk/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import df from "./actions/df.ts";
import dig from "./actions/dig.ts";
import { diskMounts, mountOf, parseMounts } from "./actions/lib/mounts.ts";
import { parseProcess, usageBetween } from "./actions/lib/processes.ts";
import { parseRoute } from "./actions/lib/route.ts";
import { parseUnit } from "./actions/lib/unit.ts";
import { lengthOf, sizeOf } from "./actions/lib/words.ts";
import serviceStatus from "./actions/service_status.ts";
import top from "./actions/top.ts";
import traceroute from "./actions/traceroute.ts";
import uptime from "./actions/uptime.ts";

const isLinux = process.platform === "linux";
const has = (program: string) => (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));

afterEach(() => vi.unstubAllEnvs());

test("uptime tells of this machine", async () => {
  const { host, seconds, load, cpus, up } = await runAction(uptime, {});
  expect(host).toBe(hostname());
  expect(seconds).toBeGreaterThan(0);
  expect(up).toMatch(/^\d+ (days?|h|min|s)/);
  expect(load).toHaveLength(3);
  expect(cpus).toBeGreaterThan(0);
});

test.each([
  [0, "0 s"],
  [59, "59 s"],
  [60, "1 min"],
  [3_725, "1 h 2 min"],
  [86_400, "1 day"],
  [3 * 86_400 + 4 * 3_600 + 59, "3 days 4 h"],
  [2 * 86_400 + 59, "2 days"],
])("%i seconds are %s", (seconds, words) => expect(lengthOf(seconds)).toBe(words));

test.each([
  [0, "0 B"],
  [812, "812 B"],
  [1024, "1.0 KiB"],
  [1_503_238_553, "1.4 GiB"],
  [250 * 1024 ** 3, "250 GiB"],
])("%i bytes are %s", (bytes, words) => expect(sizeOf(bytes)).toBe(words));

describe("df", () => {
  // Of a container on a machine with a network disk, and a folder with a space in its name.
  const mounts = parseMounts(
    [
      "overlay / overlay rw,relatime 0 0",
      "proc /proc proc rw,nosuid 0 0",
      "tmpfs /dev tmpfs rw 0 0",
      "/dev/vda1 /etc/hosts ext4 rw 0 0",
      "/dev/vda1 /data ext4 rw 0 0",
      "/dev/vdb1 /data xfs rw 0 0",
      "nas:/home /home nfs4 rw 0 0",
      "/dev/sdc1 /media/my\\040disk vfat rw 0 0",
      "",
    ].join("\n"),
  );

  test("tells of each disk once, and not of what is over a network or in memory", () => {
    expect(diskMounts(mounts).map(({ at }) => at)).toEqual(["/", "/etc/hosts", "/data", "/media/my disk"]);
  });

  test("finds the disk that holds a file, and what is mounted over another", () => {
    expect(mountOf(mounts, "/data/x")).toMatchObject({ device: "/dev/vdb1" });
    expect(mountOf(mounts, "/database")).toMatchObject({ at: "/" });
    expect(mountOf(mounts, "/home")).toMatchObject({ type: "nfs4" });
  });

  test.runIf(isLinux)("measures the disks of this machine", async () => {
    const { filesystems, table } = await runAction(df, { path: import.meta.dirname });
    expect(filesystems).toHaveLength(1);
    const [disk] = filesystems;
    expect(disk?.size).toBeGreaterThan(0);
    expect(disk?.percent).toBeLessThanOrEqual(100);
    expect(table.split("\n")[2]).toContain(`\`${disk?.mounted}\``);
    expect(await runAction(df, {})).toMatchObject({ host: hostname() });
  });

  test.runIf(isLinux)("says so when there is no such file", async () => {
    await expect(runAction(df, { path: "/no/such/file" })).rejects.toThrow(`There is no /no/such/file on ${hostname()}.`);
    await expect(runAction(df, { path: "here" })).rejects.toThrow("path of");
  });
});

describe("top", () => {
  const stat = (comm: string, ticks: number) =>
    `42 (${comm}) S 1 42 42 0 -1 4194560 1 0 0 0 ${ticks} 5 0 0 20 0 1 0 900 1000 10 18446744073709551615`;
  const status = "Name:\tx\nUid:\t1000\t1000\t1000\t1000\nVmRSS:\t    2048 kB\n";

  test("reads a process, whatever it calls itself, and not its arguments", () => {
    const facts = { pid: 42, started: 900, ticks: 105, memory: 2048 * 1024, uid: 1000 };
    expect(parseProcess({ stat: stat("a) b (c", 100), status, cmdline: "" })).toEqual({ ...facts, command: "a) b (c" });
    expect(parseProcess({ stat: stat("MainThread", 100), status, cmdline: "/usr/bin/node\0--token=x\0" })).toEqual({
      ...facts,
      command: "node",
    });
    expect(parseProcess({ stat: stat("postgres", 100), status, cmdline: "postgres: ana db 10.0.0.1 idle" })).toMatchObject({
      command: "postgres",
    });
    expect(parseProcess({ stat: stat("kthreadd", 100), status: "Uid:\t0\t0\n", cmdline: "" })).toMatchObject({ memory: 0, uid: 0 });
  });

  test("counts what was used between two looks, and only of processes that are the same", () => {
    const one = parseProcess({ stat: stat("a", 100), status, cmdline: "a" });
    const other = { ...one, pid: 43, command: "b" };
    const reused = { ...one, pid: 44 };
    const after = [
      { ...one, ticks: one.ticks + 50 },
      { ...other, ticks: other.ticks + 150 },
      { ...reused, started: 901 },
    ];
    expect(usageBetween([one, other, reused], after, 2).map(({ pid, cpu }) => [pid, cpu])).toEqual([
      [43, 75],
      [42, 25],
    ]);
  });

  test.runIf(isLinux)("finds the process that asks", async () => {
    const { processes, table } = await runAction(top, { by: "memory", count: 50, seconds: 0.1 });
    expect(processes.length).toBeGreaterThan(0);
    expect(processes.map(({ memory }) => memory)).toEqual(processes.map(({ memory }) => memory).toSorted((a, b) => b - a));
    expect(table.split("\n")).toHaveLength(processes.length + 2);
    expect((await runAction(top, { count: 1, seconds: 0.1 })).processes).toHaveLength(1);
  });
});

describe("service status", () => {
  // systemd 252 of Debian 12: `systemctl show --property=… -- ssh`, the same of a unit that failed, and of none.
  const running = [
    "Id=ssh.service",
    "Description=OpenBSD Secure Shell server",
    "LoadState=loaded",
    "ActiveState=active",
    "SubState=running",
    "UnitFileState=enabled",
    "StateChangeTimestamp=Mon 2026-11-16 08:12:01 UTC",
    "MainPID=701",
    "MemoryCurrent=7106560",
    "NRestarts=0",
    "Result=success",
  ].join("\n");

  test("tells how a unit is", () => {
    expect(parseUnit(running)).toMatchObject({ unit: "ssh.service", active: "active", pid: 701, memory: 7_106_560, restarts: 0 });
    expect(parseUnit(running)?.rows.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      "What: OpenBSD Secure Shell server",
      "State: active (running)",
      "Since: Mon 2026-11-16 08:12:01 UTC",
      "At start: enabled",
      "PID: 701",
      "Memory: 6.8 MiB",
    ]);
  });

  test("tells why a unit failed, and leaves out what is not known", () => {
    const failed = running
      .replace("ActiveState=active", "ActiveState=failed")
      .replace("SubState=running", "SubState=failed")
      .replace("Result=success", "Result=exit-code")
      .replace("MainPID=701", "MainPID=0")
      .replace("MemoryCurrent=7106560", "MemoryCurrent=[not set]")
      .replace("NRestarts=0", "NRestarts=5");
    const unit = parseUnit(failed);
    expect(unit).not.toHaveProperty("pid");
    expect(unit).not.toHaveProperty("memory");
    expect(unit?.rows.map(({ value }) => value)).toContain("failed (failed, exit-code)");
    expect(unit?.rows).toContainEqual({ name: "Restarts", value: "5" });
  });

  test("knows a unit that is not there", () => {
    expect(parseUnit("Id=nope.service\nLoadState=not-found\nActiveState=inactive\n")).toBeUndefined();
  });

  test.skipIf(!has("systemctl"))(
    "asks this machine's systemd, or says that there is none (needs systemctl: apt install systemd)",
    async () => {
      const asked = runAction(serviceStatus, { service: "no-such-service-of-bellhop" });
      await expect(asked).rejects.toThrow(
        existsSync("/run/systemd/system") ? "has no unit no-such-service-of-bellhop" : `systemd does not run on ${hostname()}`,
      );
    },
  );

  test("takes no options for a name", async () => {
    await expect(runAction(serviceStatus, { service: "--help" })).rejects.toThrow("service of");
    await expect(runAction(serviceStatus, { service: "a;id" })).rejects.toThrow("service of");
  });

  test("names the package where systemctl is missing", async () => {
    vi.stubEnv("PATH", "/nowhere");
    await expect(runAction(serviceStatus, { service: "ssh" })).rejects.toMatchObject({
      message: `systemctl is not on ${hostname()}.`,
      hint: expect.stringContaining("apt install systemd"),
    });
  });
});

describe("traceroute", () => {
  // traceroute 2.1 of Debian 12, with -n.
  const route = [
    "traceroute to 192.0.2.80 (192.0.2.80), 30 hops max, 60 byte packets",
    " 1  10.0.0.1  0.429 ms  0.390 ms  0.371 ms",
    " 2  * * *",
    " 3  198.51.100.9  4.1 ms 198.51.100.13  3.9 ms *",
    " 4  2001:db8::9  8.02 ms !X  8.11 ms !X  8.2 ms !X",
    "",
  ].join("\n");

  test("reads who answered, how fast, and what was lost", () => {
    expect(parseRoute(route)).toEqual({
      address: "192.0.2.80",
      reached: false,
      hops: [
        { hop: 1, addresses: ["10.0.0.1"], times: [0.429, 0.39, 0.371], lost: 0 },
        { hop: 2, addresses: [], times: [], lost: 3 },
        { hop: 3, addresses: ["198.51.100.9", "198.51.100.13"], times: [4.1, 3.9], lost: 1 },
        { hop: 4, addresses: ["2001:db8::9"], times: [8.02, 8.11, 8.2], lost: 0, refused: "!X" },
      ],
    });
    expect(parseRoute("traceroute to here (127.0.0.1), 30 hops max, 60 byte packets\n 1  127.0.0.1  0.09 ms\n")).toMatchObject({
      reached: true,
    });
    expect(parseRoute("Usage: traceroute")).toBeUndefined();
  });

  test.skipIf(!has("traceroute"))("follows the way to this machine (needs traceroute: apt install traceroute)", async () => {
    expect(await runAction(traceroute, { host: "127.0.0.1" })).toMatchObject({ address: "127.0.0.1", reached: true });
  });

  test("names the package where it is missing", async () => {
    vi.stubEnv("PATH", "/nowhere");
    await expect(runAction(traceroute, { host: "127.0.0.1" })).rejects.toMatchObject({
      hint: expect.stringContaining("apt install traceroute"),
    });
  });

  test.each(["-x", "a b", "a;id", "$(id)", "a..b", `${"a".repeat(64)}.example`, ""])('refuses "%s" for a host', async (host) => {
    await expect(runAction(traceroute, { host })).rejects.toThrow("is no name of a host and no address");
  });
});

describe("dig", () => {
  let server: Socket;
  let nameserver = "";
  beforeAll(async () => {
    server = createSocket("udp4");
    server.on("message", (query, from) => server.send(answerTo(query), from.port, from.address));
    await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
    nameserver = `127.0.0.1:${server.address().port}`;
  });
  afterAll(() => void server.close());

  test("tells addresses with the time they hold", async () => {
    const { records, servers, table } = await runAction(dig, { hostname: "Web.Example.", nameserver });
    expect(records).toEqual([
      { type: "A", value: "192.0.2.1", ttl: 300 },
      { type: "A", value: "192.0.2.2", ttl: 300 },
    ]);
    expect(servers).toEqual([nameserver]);
    expect(table).toContain("| A | `192.0.2.1` | 300 |");
    expect((await runAction(dig, { hostname: "web.example", nameserver, count: 1 })).records).toHaveLength(1);
  });

  test("tells mail servers as a zone file has them, the first to try first", async () => {
    const { records } = await runAction(dig, { hostname: "web.example", querytype: "MX", nameserver });
    expect(records).toEqual([
      { type: "MX", value: "10 a.example" },
      { type: "MX", value: "20 b.example" },
    ]);
  });

  test("tells text in quotes", async () => {
    const { records } = await runAction(dig, { hostname: "web.example", querytype: "TXT", nameserver });
    expect(records).toEqual([{ type: "TXT", value: '"say \\"hi\\""' }]);
  });

  test("says what there is not", async () => {
    await expect(runAction(dig, { hostname: "gone.example", nameserver })).rejects.toThrow("There is no name gone.example.");
    await expect(runAction(dig, { hostname: "web.example", querytype: "NS", nameserver })).rejects.toThrow(
      "web.example has no NS records.",
    );
    await expect(runAction(dig, { hostname: "closed.example", nameserver })).rejects.toThrow("does not answer questions about");
  });

  test("takes addresses for PTR and names for the rest", async () => {
    await expect(runAction(dig, { hostname: "web.example", querytype: "PTR" })).rejects.toThrow("PTR is asked of an address");
    await expect(runAction(dig, { hostname: "192.0.2.1" })).rejects.toThrow("192.0.2.1 is an address.");
    await expect(runAction(dig, { hostname: "web.example", nameserver: "a b" })).rejects.toThrow("is no name of a host");
  });
});

test.runIf(isLinux)("the README's transcript is what is said", async () => {
  const chat = await openChat({ pack: import.meta.dirname });
  await chat.expectTranscript("README.md");
});

test("commands mean what they look like", async () => {
  const asked: unknown[] = [];
  const answer = (input: unknown) => void asked.push(input);
  const chat = await openChat({
    pack: import.meta.dirname,
    answers: { dig: answer, top: answer, df: answer, traceroute: answer, service_status: answer },
  });
  for (const command of [
    "dig a.example",
    "dig a.example MX",
    "dig a.example MX @9.9.9.9",
    "top",
    "top memory",
    "df /var",
    "service status ssh",
  ])
    await chat.say(command);
  expect(asked).toMatchObject([
    { hostname: "a.example", querytype: "A" },
    { hostname: "a.example", querytype: "MX" },
    { hostname: "a.example", querytype: "MX", nameserver: "9.9.9.9" },
    { by: "cpu" },
    { by: "memory" },
    { path: "/var" },
    { service: "ssh" },
  ]);
});

/** A nameserver that knows one name: RFC 1035, 4.1. */
function answerTo(query: Buffer): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const question = query.subarray(12, end);
  const name = nameIn(question);
  const type = query.readUInt16BE(end - 4);
  const records = name === "web.example" ? (zone[type] ?? []) : [];
  const code = name === "closed.example" ? 5 : name === "web.example" ? 0 : 3;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const answers = records.map((data) => {
    const record = Buffer.alloc(12);
    // The name is that of the question: a pointer to byte 12.
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(300, 6);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([header, question, ...answers]);
}

function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 0; (question[at] ?? 0) > 0; at += (question[at] ?? 0) + 1) {
    labels.push(question.toString("latin1", at + 1, at + 1 + (question[at] ?? 0)));
  }
  return labels.join(".").toLowerCase();
}

function encoded(name: string): Buffer {
  return Buffer.concat([...name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);
}

/** By the number of their type: A, MX, TXT. */
const zone: Readonly<Record<number, Buffer[]>> = {
  1: [Buffer.from([192, 0, 2, 1]), Buffer.from([192, 0, 2, 2])],
  15: [Buffer.concat([Buffer.from([0, 20]), encoded("b.example")]), Buffer.concat([Buffer.from([0, 10]), encoded("a.example")])],
  16: [Buffer.from([8, ...Buffer.from('say "hi"')])],
};
