import { readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buckets, objectStores, streams, subjects, type Subject } from "@bellhop/contracts";
import { connect, nkeyAuthenticator, type NatsConnection } from "nats";
import { afterAll, expect, test } from "vitest";
import { serverConfig } from "./config.ts";
import { ensureCredentials } from "./credentials.ts";
import { inboxPrefix, roles, type Role } from "./permissions.ts";
import { startNats } from "./testing.ts";

// Each cell of the tables in docs/nats.md is put to a real server: what is granted it lets through, what is not it refuses.
const page = await readFile(new URL("../../../../docs/nats.md", import.meta.url), "utf8");
const root = await mkdtemp(join(tmpdir(), "bellhop-rights-"));
const credentials = await ensureCredentials(root);
const nats = await startNats({ config: serverConfig({ users: Object.values(credentials) }) });
const others = roles.filter((role) => role !== "operator");
const as = Object.fromEntries(await Promise.all(others.map(async (role) => [role, await enter(role)]))) as Record<Role, Entered>;

interface Entered {
  nc: NatsConnection;
  /** `publish subject` or `subscription subject`. */
  denied: Set<string>;
}

async function enter(role: Role): Promise<Entered> {
  const authenticator = nkeyAuthenticator(new TextEncoder().encode((await readFile(credentials[role].file, "utf8")).trim()));
  const nc = await connect({ servers: nats.url, authenticator, inboxPrefix: inboxPrefix(role), reconnect: false });
  const denied = new Set<string>();
  void (async () => {
    for await (const status of nc.status()) {
      if (status.type !== "error") continue;
      const { operation, subject } = status.error as { operation?: string; subject?: string };
      denied.add(`${operation} ${subject}`);
    }
  })();
  return { nc, denied };
}

afterAll(async () => {
  await Promise.all(Object.values(as).map(({ nc }) => nc.close()));
  await nats.stop();
  await rm(root, { recursive: true, force: true });
});

/** The server refuses before it answers the flush. Nothing is there yet that a request could touch. */
async function mayPublish(role: Role, subject: string): Promise<boolean> {
  const { nc, denied } = as[role];
  nc.publish(subject, "");
  await nc.flush();
  await new Promise(setImmediate);
  return !denied.has(`publish ${subject}`);
}

async function mayHear(role: Role, subject: string): Promise<boolean> {
  const { nc, denied } = as[role];
  const subscription = nc.subscribe(subject, { callback: () => undefined });
  await nc.flush();
  await new Promise(setImmediate);
  subscription.unsubscribe();
  return !denied.has(`subscription ${subject}`);
}

/** The rows of the table whose first column is called so: name, then what each role may. */
function table(first: string): { name: string; of: Record<string, string> }[] {
  const cells = (line: string) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", ""));
  const lines = page.split("\n");
  const head = lines.findIndex((line) => cells(line)[0] === first);
  const names = cells(lines[head] ?? "").slice(1);
  const rows: ReturnType<typeof table> = [];
  for (const line of lines.slice(head + 2)) {
    if (!line.startsWith("|")) break;
    const [name = "", ...rights] = cells(line);
    rows.push({ name, of: Object.fromEntries(names.map((role, index) => [role, rights[index] ?? ""])) });
  }
  return rows;
}

function cases(first: string): [string, Role, string][] {
  return table(first).flatMap(({ name, of }) => others.map((role): [string, Role, string] => [name, role, of[role] ?? "not in the table"]));
}

const taking = (stream: string) => [`$JS.API.CONSUMER.MSG.NEXT.${stream}.d`, `$JS.ACK.${stream}.d.1.1.1.1.0`];
const looking = (stream: string) => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}.some.subject`,
  `$JS.API.CONSUMER.CREATE.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.d.some.subject`,
  `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.d`,
  `$JS.API.CONSUMER.DELETE.${stream}.d`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.d`,
];

async function expectEach(role: Role, all: readonly string[], allowed: boolean): Promise<void> {
  for (const subject of all) expect(await mayPublish(role, subject), `${role}: ${subject}`).toBe(allowed);
}

test("the tables name everything there is", () => {
  const all = (tree: object): Subject<unknown>[] =>
    Object.values(tree).flatMap((node: object) => ("template" in node ? [node as Subject<unknown>] : all(node)));
  const names = (first: string) => table(first).map(({ name }) => name);
  expect(names("publishes")).toEqual([...all(subjects).map(({ template }) => template), "dead.<stream>"]);
  expect(names("stream")).toEqual(Object.values(streams).map(({ name }) => name));
  expect(names("bucket")).toEqual(Object.values(buckets).map(({ name }) => name));
  expect(names("object store")).toEqual(Object.values(objectStores));
});

test.each(cases("publishes"))("%s, %s: %s", async (template, role, right) => {
  const subject = template.replace(/\{\w+\}/g, "x").replace("<stream>", "SEND");
  expect(["yes", "-"]).toContain(right);
  expect(await mayPublish(role, subject)).toBe(right === "yes");
});

test.each(cases("hears"))("hearing %s, %s: %s", async (subject, role, right) => {
  expect(["yes", "-"]).toContain(right);
  expect(await mayHear(role, subject)).toBe(right === "yes");
});

test.each(cases("stream"))("stream %s, %s: %s", async (stream, role, right) => {
  expect(["takes", "reads", "reads, removes", "-"]).toContain(right);
  await expectEach(role, looking(stream), right !== "-");
  await expectEach(role, taking(stream).slice(1), right === "takes");
  await expectEach(role, [`$JS.API.STREAM.MSG.DELETE.${stream}`], right === "reads, removes");
  await expectEach(role, [`$JS.API.STREAM.PURGE.${stream}`], false);
});

test.each(cases("bucket"))("bucket %s, %s: %s", async (bucket, role, right) => {
  expect(["writes", "reads", "-"]).toContain(right);
  await expectEach(role, looking(`KV_${bucket}`), right !== "-");
  await expectEach(role, [`$KV.${bucket}.some.key`, `$JS.API.STREAM.PURGE.KV_${bucket}`], right === "writes");
});

test.each(cases("object store"))("object store %s, %s: %s", async (store, role, right) => {
  expect(["writes", "reads", "-"]).toContain(right);
  await expectEach(role, looking(`OBJ_${store}`), right !== "-");
  await expectEach(role, [`$O.${store}.C.some`, `$O.${store}.M.some`, `$JS.API.STREAM.PURGE.OBJ_${store}`], right === "writes");
});

const everyStream = [
  ...Object.values(streams).map(({ name }) => name),
  ...Object.values(buckets).map(({ name }) => `KV_${name}`),
  ...Object.values(objectStores).map((name) => `OBJ_${name}`),
];

test.each(others)("%s administers nothing, lists nothing, and hears nobody else's answers", async (role) => {
  for (const stream of everyStream) {
    await expectEach(
      role,
      ["CREATE", "UPDATE", "DELETE", "SNAPSHOT", "RESTORE", "PEER.REMOVE", "LEADER.STEPDOWN"].map(
        (verb) => `$JS.API.STREAM.${verb}.${stream}`,
      ),
      false,
    );
  }
  await expectEach(
    role,
    [
      "$JS.API.STREAM.LIST",
      "$JS.API.META.LEADER.STEPDOWN",
      "$JS.API.SERVER.REMOVE",
      "$SYS.REQ.SERVER.PING",
      "some.subject",
      "seen.message.x",
    ],
    false,
  );
  for (const other of [
    ...roles.filter((one) => one !== role).map((one) => `${inboxPrefix(one)}.>`),
    "_INBOX.>",
    ">",
    "$KV.>",
    "message.>",
    "action.>",
  ]) {
    expect(await mayHear(role, other), `${role} hears ${other}`).toBe(false);
  }
  expect(await mayHear(role, `${inboxPrefix(role)}.>`)).toBe(true);
});
