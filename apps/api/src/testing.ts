// What the tests of the API stand on: a NATS with a pack whose rules wait for webhooks, and keys.
import { randomUUID } from "node:crypto";
import { connectBus, fire, type Bus } from "@bellhop/bus";
import { buckets, scaled, streams, subjects, type RuleDefinition, type TriggerFired } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { Secret, silentLog } from "@bellhop/service";
import { startNats, until, type TestNats } from "@bellhop/testkit";
import { makeApiKey } from "./api-keys.ts";
import type { ApiConfig } from "./config.ts";

export interface ApiScene {
  nats: TestNats;
  bus: Bus;
  /** What was stored, as whoever decides gets it. */
  fired: TriggerFired[];
  keys: { all: string; github: string; revoked: string };
  config: ApiConfig;
  /** Empties `fired`, and of what is stored by now nothing comes any more. */
  forget(): Promise<void>;
  end(): Promise<void>;
}

export const at = "2026-01-01T00:00:00.000Z";

export async function setApiScene(): Promise<ApiScene> {
  const nats = await startNats();
  const bus = await connectBus({ url: nats.url, name: "test", durations: scaled(0.1), log: silentLog });
  await bus.setUp();
  await activatePack(bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
  const keys = { all: "", github: "", revoked: "" };
  for (const [name, scopes] of Object.entries({
    all: ["webhooks", "events", "triggers"],
    github: ["webhooks:git*"],
    revoked: ["events"],
  })) {
    const { text, key } = makeApiKey({ name, scopes, by: "ana", at });
    keys[name as keyof typeof keys] = text;
    await bus.bucket(buckets.apiKey).create(key.id, { ...key, ...(name === "revoked" ? { revokedAt: at } : {}) });
  }
  const fired: TriggerFired[] = [];
  await bus.consume({
    subject: subjects.trigger.fired,
    stream: streams.trigger,
    filter: "trigger.fired.*",
    durable: "trigger_test",
    concurrency: 1,
    keyOf: () => "all",
    handle: async (event) => void fired.push(event),
  });
  const secrets = [new Secret(signingSecret)];
  const config: ApiConfig = {
    nats: { url: nats.url },
    folder: "",
    durations: scaled(0.1),
    logLevel: "silent",
    file: {},
    listen: { host: "127.0.0.1", port: 0 },
    bodyLimit: 65_536,
    checkTriggers: true,
    rate: 10_000,
    hooks: {
      signed: { signature: "github", secrets, header: "" },
      slack: { signature: "slack", secrets, header: "" },
      own: { signature: "generic", secrets, header: "X-Mine" },
    },
  };
  return {
    nats,
    bus,
    fired,
    keys,
    config,
    async forget() {
      // One after the other, in the order they were stored: when the mark is there, so is all before it.
      const key = `mark/${randomUUID()}`;
      await fire(bus, { trigger: "demo.mark", payload: {}, source: { kind: "person", name: "ana" }, key, at: new Date().toISOString() });
      await until(() => fired.some((event) => event.key === key));
      fired.splice(0);
    },
    async end() {
      await bus.drain();
      await nats.stop();
    },
  };
}

export const signingSecret = "s3cret-of-hooks";

const source = { file: "x.yaml", line: 1, column: 1 };

function rule(url: string): RuleDefinition {
  const name = url.replaceAll("/", "_");
  return {
    ref: `demo.${name}`,
    pack: "demo",
    name,
    description: "",
    enabled: true,
    type: "standard",
    trigger: { type: "core.st2.webhook", parameters: { url } },
    criteria: {},
    action: { ref: "demo.x", parameters: {} },
    source,
  };
}

const pack = {
  v: 1 as const,
  name: "demo",
  version: "1.0.0",
  description: "",
  digest: "demo1",
  actions: [],
  aliases: [],
  rules: [rule("github/push"), rule("signed"), rule("slack"), rule("own")],
  triggers: [
    { ref: "demo.push", pack: "demo", name: "push", description: "", source },
    {
      ref: "demo.typed",
      pack: "demo",
      name: "typed",
      description: "",
      payload: { type: "object", properties: { n: { type: "integer", required: true } } },
      source,
    },
  ],
};
