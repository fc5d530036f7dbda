import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AckPolicy, jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";
import { connect, nkeys, type NatsConnection } from "@nats-io/transport-node";
import { openChat, runAction } from "@bellhop/sdk/testing";
import { startNats, type TestNats } from "@bellhop/testkit";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import consumers from "./actions/consumers.ts";
import lag from "./actions/lag.ts";
import server from "./actions/server.ts";
import streams from "./actions/streams.ts";

const seed = nkeys.createUser();
/** What the README says that a user needs. */
const readme = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
const [, permissions] = /^```\n(publish:[^]*?)^```/m.exec(readme) ?? [];

let nats: TestNats;
let connection: NatsConnection;
let manager: JetStreamManager;
let client: JetStreamClient;
const as = (more: object = {}) => ({ url: nats.url, user: "reader", password: "look", ...more });

beforeAll(async () => {
  nats = await startNats({
    config: `
      server_name: "till"
      authorization {
        users: [
          { user: "owner", password: "all" }
          { user: "reader", password: "look", permissions: { ${permissions} } }
          { user: "blind", password: "none", permissions: { publish: ["nothing"], subscribe: ["_INBOX.>"] } }
          { nkey: "${seed.getPublicKey()}" }
        ]
      }`,
  });
  connection = await connect({ servers: nats.url, user: "owner", pass: "all" });
  [manager, client] = [await jetstreamManager(connection), jetstream(connection)];
  for (const name of ["ORDERS", "REFUNDS", "EMPTY"]) await manager.streams.add({ name, subjects: [`${name.toLowerCase()}.>`] });
  for (let count = 0; count < 10; count++) await client.publish("orders.new", new Uint8Array(1000));
  await client.publish("refunds.new");
  const durable = { ack_policy: AckPolicy.Explicit, ack_wait: 600e9 };
  await manager.consumers.add("ORDERS", { durable_name: "bill", max_ack_pending: 1, ...durable });
  await manager.consumers.add("ORDERS", { durable_name: "pack", ...durable });
  await manager.consumers.add("REFUNDS", { durable_name: "pay", ...durable });

  // `bill` did one message, gave the next one back and got it again, as it has one at a time; `pay` did all.
  const bill = await client.consumers.get("ORDERS", "bill");
  await (await bill.next())?.ackAck();
  (await bill.next())?.nak();
  expect(await bill.next()).toMatchObject({ redelivered: true });
  await (await (await client.consumers.get("REFUNDS", "pay")).next())?.ackAck();
});

afterAll(async () => {
  await connection.close();
  await nats.stop();
});

describe("streams", () => {
  test("tells messages, size, oldest and consumers of each", async () => {
    const { streams: found, text } = await runAction(streams, {}, { config: as() });
    expect(found).toMatchObject([
      { stream: "EMPTY", messages: 0, bytes: 0, consumers: 0 },
      { stream: "ORDERS", messages: 10, consumers: 2, oldest: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
      { stream: "REFUNDS", messages: 1, consumers: 1 },
    ]);
    expect(found[0]).not.toHaveProperty("oldest");
    expect(found[1]?.bytes).toBeGreaterThan(10_000);
    expect(text.split("\n").slice(0, 3)).toEqual([
      "| Stream | Messages | Size | Oldest | Consumers |",
      "| --- | ---: | --- | --- | ---: |",
      "| `EMPTY` | 0 | 0 B |  | 0 |",
    ]);
    expect(text).toMatch(/\n\| `ORDERS` \| 10 \| 10\.\d KB \| \d+ (s|min) \| 2 \|\n/);
  });

  test("takes a part of the name, in any case", async () => {
    expect((await runAction(streams, { filter: "fund" }, { config: as() })).streams).toMatchObject([{ stream: "REFUNDS" }]);
    expect((await runAction(streams, { filter: "gone" }, { config: as() })).text).toBe("There is no stream with `gone` in its name.");
  });
});

describe("consumers and lag", () => {
  test("tell what waits, what was not acknowledged and what was given twice; the worst first", async () => {
    const { consumers: found, text } = await runAction(consumers, { stream: "ORDERS" }, { config: as() });
    expect(found).toMatchObject([
      { consumer: "bill", pending: 8, ack_pending: 1, redelivered: 1 },
      { consumer: "pack", pending: 10, ack_pending: 0, redelivered: 0 },
    ]);
    expect(text.split("\n")[0]).toBe("| Stream | Consumer | Pending | Ack pending | Redelivered |");
    expect(text).toContain("| `ORDERS` | `pack` | 10 | 0 | 0 |");

    const late = await runAction(lag, {}, { config: as() });
    expect(late.behind.map(({ consumer }) => consumer)).toEqual(["pack", "bill"]);
    expect(late.counts).toEqual({ behind: 2, consumers: 3, streams: 3 });
    expect(late.text).toMatch(/^2 of 3 consumers are behind\.\n\n\| Stream /);
    const worst = await runAction(lag, { most: 1 }, { config: as() });
    expect(worst.behind).toMatchObject([{ consumer: "pack" }]);
    expect(worst.text).toMatch(/^2 of 3 consumers are behind, the 1 /);
  });

  test("say so where there is nothing", async () => {
    expect((await runAction(consumers, { stream: "EMPTY" }, { config: as() })).text).toBe("`EMPTY` has no consumers.");
    await expect(runAction(consumers, { stream: "ORDER" }, { config: as() })).rejects.toMatchObject({
      message: "There is no stream ORDER.",
      hint: "There are EMPTY, ORDERS, REFUNDS.",
    });
  });
});

test("server tells what it is, and what of JetStream is used", async () => {
  const facts = await runAction(server, {}, { config: as() });
  expect(facts).toMatchObject({
    name: "till",
    version: expect.stringMatching(/^\d+\.\d+/),
    account: { streams: { used: 3 }, consumers: { used: 3 } },
  });
  expect(facts.text).toMatch(/\n\| Server \| `till` \|\n\| Version \| \d+\.\d+/);
});

describe("connecting", () => {
  test("works with the seed of an nkey", async () => {
    const credentials = new TextDecoder().decode(seed.getSeed());
    const config = { url: nats.url, credentials };
    expect((await runAction(streams, { filter: "EMPTY" }, { config })).streams).toHaveLength(1);
  });

  const faults: [what: string, config: () => object, message: string, hint: string][] = [
    ["credentials that the server refuses", () => as({ password: "guess" }), "refuses these credentials.", "bellhop pack config nats"],
    [
      "a user who may not ask",
      () => as({ user: "blind", password: "none" }),
      "does not let this user publish to $JS.API.STREAM.LIST",
      "README",
    ],
    ["no server", () => ({ url: "nats://127.0.0.1:1" }), "nats://127.0.0.1:1 can't be reached: ", "bellhop pack config nats"],
    ["a password in the address", () => ({ url: "nats://ana:sesame@127.0.0.1:4222" }), "has a user or a password in it", "password=-"],
  ];
  test.each(faults)("%s: it says so, and what to do", async (_, config, message, hint) => {
    const failed: unknown = await runAction(streams, {}, { config: { ...config() } }).catch((thrown: unknown) => thrown);
    expect(failed).toMatchObject({ name: "ActionFailed", message: expect.stringContaining(message), hint: expect.stringContaining(hint) });
    expect(JSON.stringify(failed) + String(failed)).not.toMatch(/sesame|guess/);
  });

  test("a server that takes connections and says nothing is given up", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const url = typeof address === "object" && address !== null ? `nats://127.0.0.1:${address.port}` : "";
    await expect(runAction(streams, {}, { config: { url, timeout: 0.2 } })).rejects.toThrow(`${url} did not answer within 0.2 s.`);
    silent.close();
  });
});

describe("over TLS", () => {
  let guarded: TestNats;
  let folder: string;
  let ca: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "nats-tls-"));
    const made = await generate([{ name: "commonName", value: "127.0.0.1" }], {
      keyType: "ec",
      algorithm: "sha256",
      // Where an address is no name, the client holds the certificate against localhost.
      extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
    });
    ca = made.cert;
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.private);
    guarded = await startNats({ config: `tls { cert_file: "${cert}", key_file: "${key}" }` });
  });

  afterAll(async () => {
    await guarded.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const over = (more: object) => ({ url: guarded.url.replace("nats:", "tls:"), ...more });

  test("a server whose authority is configured is trusted", async () => {
    expect((await runAction(streams, {}, { config: over({ ca }) })).text).toBe("There are no streams.");
  });

  test("a server whose authority nobody knows is not, and neither is one without TLS where the address asks for it", async () => {
    await expect(runAction(streams, {}, { config: over({}) })).rejects.toThrow(/can't be reached: .*self-signed certificate/);
    await expect(runAction(streams, {}, { config: as({ url: nats.url.replace("nats:", "tls:") }) })).rejects.toThrow("can't be reached");
  });
});

test("without JetStream it says so", async () => {
  const config = { url: nats.url, user: "owner", password: "all", domain: "elsewhere" };
  await expect(runAction(streams, {}, { config })).rejects.toThrow("There is no JetStream on that server");
});

test("the README tells how it answers", async () => {
  const chat = await openChat({ pack: import.meta.dirname, config: as() });
  await chat.expectTranscript("README.md");
});
