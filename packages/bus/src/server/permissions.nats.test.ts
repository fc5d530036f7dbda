import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buckets, objectStores, streams } from "@bellhop/contracts";
import { AckPolicy, jetstream, jetstreamManager, RetentionPolicy } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { Objm } from "@nats-io/obj";
import { connect, nkeyAuthenticator, type NatsConnection } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serverConfig } from "./config.ts";
import { ensureCredentials } from "./credentials.ts";
import { inboxPrefix, roles, type Role } from "./permissions.ts";
import { startNats } from "./testing.ts";

const root = await mkdtemp(join(tmpdir(), "bellhop-permissions-"));
const credentials = await ensureCredentials(root);
const nats = await startNats({ config: serverConfig({ users: Object.values(credentials) }) });
const as = Object.fromEntries(await Promise.all(roles.map(async (role) => [role, await enter(role)]))) as Record<Role, NatsConnection>;

async function enter(role: Role): Promise<NatsConnection> {
  const authenticator = nkeyAuthenticator(new TextEncoder().encode((await readFile(credentials[role].file, "utf8")).trim()));
  return await connect({ servers: nats.url, authenticator, inboxPrefix: inboxPrefix(role), reconnect: false });
}

beforeAll(async () => {
  const manager = await jetstreamManager(as.operator);
  for (const { name, subjects, retention } of Object.values(streams)) {
    await manager.streams.add({
      name,
      subjects: [...subjects],
      retention: retention === "work" ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    });
  }
  for (const { name } of Object.values(buckets)) await new Kvm(as.operator).create(name);
  for (const name of Object.values(objectStores)) await new Objm(as.operator).create(name);
});

afterAll(async () => {
  await Promise.all(Object.values(as).map((connection) => connection.close()));
  await nats.stop();
  await rm(root, { recursive: true, force: true });
});

/** Takes one message of a work queue through a durable of its own, and confirms it. */
async function work(role: Role, stream: string, filter: string): Promise<string> {
  const durable = `${role}-${stream}`;
  await (
    await jetstreamManager(as[role])
  ).consumers.add(stream, { durable_name: durable, filter_subject: filter, ack_policy: AckPolicy.Explicit });
  const consumer = await jetstream(as[role]).consumers.get(stream, durable);
  const message = await consumer.next({ expires: 2_000 });
  expect(await message?.ackAck()).toBe(true);
  return message?.string() ?? "";
}

/** Writes, reads, lists and watches a key, as every typed bucket does. */
async function keep(role: Role, bucket: string): Promise<void> {
  const kv = await new Kvm(as[role]).open(bucket);
  const revision = await kv.create(`key.${role}`, "1");
  await kv.update(`key.${role}`, "2", revision);
  expect((await kv.get(`key.${role}`))?.string()).toBe("2");
  expect(await read(role, bucket)).toContain(`key.${role}`);
  await kv.delete(`key.${role}`);
  await (await jetstreamManager(as[role])).streams.purge(`KV_${bucket}`, { filter: `$KV.${bucket}.key.${role}` });
}

async function read(role: Role, bucket: string): Promise<string[]> {
  const kv = await new Kvm(as[role]).open(bucket);
  const keys: string[] = [];
  for await (const key of await kv.keys()) keys.push(key);
  return keys;
}

async function object(role: Role, store: string): Promise<void> {
  const objects = await new Objm(as[role]).open(store);
  await objects.putBlob({ name: `by-${role}` }, new Uint8Array(200_000));
  expect((await objects.getBlob(`by-${role}`))?.length).toBe(200_000);
  expect(await objects.info(`by-${role}`)).not.toBeNull();
}

const denied = { name: "PermissionViolationError" };

/** A publish that the server refuses: it answers with a violation, and nothing is stored. */
async function refused(role: Role, subject: string): Promise<void> {
  const { messages: before } = (await (await jetstreamManager(as.operator)).streams.info(await streamOf(subject))).state;
  const violation = Promise.withResolvers<unknown>();
  void (async () => {
    for await (const status of as[role].status()) if (status.type === "error") violation.resolve(status.error);
  })();
  as[role].publish(subject, "no");
  expect(await violation.promise).toMatchObject({ ...denied, operation: "publish", subject });
  expect((await (await jetstreamManager(as.operator)).streams.info(await streamOf(subject))).state.messages).toBe(before);
}

async function streamOf(subject: string): Promise<string> {
  return await (await jetstreamManager(as.operator)).streams.find(subject);
}

async function unreadable(role: Role, stream: string): Promise<void> {
  const manager = await jetstreamManager(as[role]);
  await expect(manager.streams.getMessage(stream, { seq: 1 })).rejects.toMatchObject({ cause: denied });
  await expect(manager.consumers.add(stream, { durable_name: "thief", ack_policy: AckPolicy.Explicit })).rejects.toMatchObject({
    cause: denied,
  });
  await expect(manager.streams.info(stream)).rejects.toMatchObject({ cause: denied });
}

test("a message goes its whole way, each role doing its own part", async () => {
  const stop = as.runner.subscribe("control.r1");
  await as.runner.flush();
  await jetstream(as.gateway).publish("message.received.slack.T1.0", "hello", { msgID: "in:1" });
  expect(await work("engine", "MESSAGE", "message.received.*.*.0")).toBe("hello");
  for (const what of ["edited", "deleted", "reacted", "pressed", "submitted"])
    await jetstream(as.gateway).publish(`message.${what}.slack.T1.0`, "it was");
  await jetstream(as.engine).publish("run.changed.0.r1", "asked", { expect: { lastSubjectSequence: 0 } });
  await jetstream(as.engine).publish("action.requested.default", "do it");
  expect(await work("runner", "ACTION", "action.requested.default")).toBe("do it");
  await jetstream(as.runner).publish("run.output.r1", "line");
  await jetstream(as.runner).publish("action.finished.0", "done");
  expect(await work("engine", "FINISHED", "action.finished.0")).toBe("done");
  const last = await (
    await jetstreamManager(as.engine)
  ).direct
    .getMessage("RUN", { last_by_subj: "run.changed.0.r1" })
    .catch(() => undefined);
  expect(last?.string() ?? "asked").toBe("asked");
  expect((await (await jetstreamManager(as.engine)).streams.getMessage("RUN", { last_by_subj: "run.changed.0.r1" }))?.string()).toBe(
    "asked",
  );
  await jetstream(as.engine).publish("message.send.slack.T1", "reply");
  expect(await work("gateway", "SEND", "message.send.slack.T1")).toBe("reply");
  as.engine.publish("control.r1", "stop");
  for await (const told of stop) {
    expect(told.string()).toBe("stop");
    break;
  }
});

test("the terminal asks, takes its replies and follows the output", async () => {
  await jetstream(as.cli).publish("run.asked.0", "please");
  expect(await work("engine", "ASKED", "run.asked.0")).toBe("please");
  await jetstream(as.cli).publish("message.received.terminal.ana.0", "typed");
  await jetstream(as.engine).publish("message.send.terminal.ana", "answer");
  expect(await work("cli", "SEND", "message.send.terminal.ana")).toBe("answer");
  await jetstream(as.runner).publish("run.output.r2", "piece");
  const consumer = await jetstream(as.cli).consumers.get("OUTPUT", { filter_subjects: ["run.output.r2"] });
  expect((await consumer.next({ expires: 2_000 }))?.string()).toBe("piece");
});

test("every role keeps its records and reads those of others that it needs", async () => {
  for (const name of Object.values(buckets).map((one) => one.name)) await keep("engine", name);
  for (const name of ["member", "attempt"]) await keep("runner", name);
  for (const name of ["member", "holding", "receipt", "mark"]) await keep("gateway", name);
  for (const name of ["member", "holding", "receipt", "catalog", "claim"]) await keep("cli", name);
  await expect(read("runner", "catalog")).resolves.toBeDefined();
  for (const role of ["engine", "runner", "gateway", "cli"] as const) await object(role, "values");
  await object("cli", "packs");
  expect((await (await new Objm(as.runner).open("packs")).getBlob("by-cli"))?.length).toBe(200_000);
});

test("a gateway can't ask for an action, end one, change a run or put words into another's mouth", async () => {
  for (const subject of ["action.requested.default", "action.finished.0", "run.asked.0", "run.changed.0.r1", "message.send.slack.T1"])
    await refused("gateway", subject);
});

test("a gateway writes no records but its own, and no packs", async () => {
  for (const subject of ["$KV.attempt.r1.main.1", "$KV.owners.owners", "$KV.catalog.active.core", "$O.packs.C.1"])
    await refused("gateway", subject);
});

test("nobody but gateways and the engine says how far a chat was heard", async () => {
  for (const role of ["runner", "cli"] as const) await refused(role, "$KV.mark.slack.T1.C1");
});

test("a runner can't answer people, make requests or change a run", async () => {
  await refused("runner", "message.send.slack.T1");
  await refused("runner", "action.requested.default");
  await refused("runner", "run.changed.0.r1");
});

test("the terminal can't have actions done past the engine, nor write what runs did", async () => {
  for (const subject of ["action.requested.default", "run.changed.0.r1", "run.output.r1"]) await refused("cli", subject);
});

test("the terminal takes dead letters away, one by one, and nobody else does; nothing else is taken away so", async () => {
  await jetstream(as.engine).publish("dead.SEND", "a letter");
  await jetstream(as.engine).publish("dead.SEND", "another");
  await expect((await jetstreamManager(as.cli)).streams.deleteMessage("DEAD", 1)).resolves.toBe(true);
  const manager = async (role: Role) => (await jetstreamManager(as[role])).streams;
  for (const { name } of Object.values(streams)) {
    if (name !== "DEAD") await expect((await manager("cli")).deleteMessage(name, 1)).rejects.toMatchObject({ cause: denied });
  }
  await expect((await manager("cli")).purge("DEAD")).rejects.toMatchObject({ cause: denied });
  for (const role of ["engine", "runner", "gateway"] as const) {
    await expect((await manager(role)).deleteMessage("DEAD", 2)).rejects.toMatchObject({ cause: denied });
  }
});

test("a runner can't read replies, and nobody but the engine reads what people write", async () => {
  await unreadable("runner", "SEND");
  for (const role of ["runner", "gateway", "cli"] as const) await unreadable(role, "MESSAGE");
});

test("a runner can't read owners or write the catalog", async () => {
  await expect(new Kvm(as.runner).open("owners").then((kv) => kv.get("owners"))).rejects.toMatchObject({ cause: denied });
  const kv = await new Kvm(as.runner).open("catalog");
  await expect(kv.put("active.core", "mine")).rejects.toMatchObject({ cause: denied });
});

test("nobody but the engine says who may run what", async () => {
  for (const role of ["runner", "gateway"] as const) await refused(role, "$KV.access.list");
  const kv = await new Kvm(as.cli).open("access");
  await expect(kv.put("list", "everyone")).rejects.toMatchObject({ cause: denied });
});

test("no role hears another's answers, and none but the operator makes or removes streams", async () => {
  for (const role of ["engine", "runner", "gateway", "cli"] as const) {
    const overheard = as[role].subscribe("_INBOX_operator.>");
    await expect(overheard.closed).resolves.toMatchObject(denied);
    const manager = await jetstreamManager(as[role]);
    await expect(manager.streams.add({ name: "MINE", subjects: ["mine"] })).rejects.toMatchObject({ cause: denied });
    await expect(manager.streams.delete("RUN")).rejects.toMatchObject({ cause: denied });
  }
});

test("nobody comes in without a key", async () => {
  await expect(connect({ servers: nats.url, reconnect: false })).rejects.toMatchObject({ name: "AuthorizationError" });
});
