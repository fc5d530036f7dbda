import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bus } from "@bellhop/bus";
import { buckets, gateKey, type PackVersion, type PolicyDefinition } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { startBus, type TestBus } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { waitingHere } from "../runs/waiting-here.ts";
import { policyList } from "./list.ts";
import { policyShow } from "./show.ts";

let server: TestBus;
let bus: Bus;
const folder = mkdtempSync(join(tmpdir(), "bellhop-policy-"));
const source = { file: "policies/two.yaml", line: 1, column: 1 };
const policy = (name: string, type: PolicyDefinition["type"], parameters: Record<string, unknown>): PolicyDefinition => ({
  ref: `deploy.${name}`,
  pack: "deploy",
  name,
  description: "",
  enabled: name !== "off",
  action: "deploy.go",
  type,
  parameters,
  source,
});
const version: PackVersion = {
  v: 1,
  name: "deploy",
  version: "1.0.0",
  description: "",
  digest: "d1",
  actions: [],
  aliases: [],
  policies: [
    policy("two", "action.concurrency", { threshold: 1, action: "delay" }),
    policy("again", "action.retry", { retry_on: "failure", max_retry_count: 3, delay: 5 }),
    policy("soon", "action.wait", { seconds: 86_400 }),
    policy("off", "action.rate", { threshold: 1, seconds: 1 }),
  ],
};
/** At an hour that is of the same day wherever this runs. */
const pass = (run: string, at: number) => ({ run, task: "main", attempt: 1, at: Date.UTC(2999, 0, 1, 10) + at });

beforeAll(async () => {
  server = await startBus();
  ({ bus } = server);
  await activatePack(bus, { version, files: { v: 1, digest: "d1", files: [] } });
  const gate = {
    v: 1,
    action: "deploy.go",
    inside: [pass("RUN1", 0)],
    line: [pass("RUN2", 1000), pass("RUN3", 2000)],
    lately: {},
  } as const;
  await bus.bucket(buckets.gate).put(gateKey("deploy.go"), { ...gate, inside: [...gate.inside], line: [...gate.line] });
}, 60_000);
afterAll(async () => {
  await server.end();
  rmSync(folder, { recursive: true });
});

/** What a command prints. */
async function printed(command: (env: Record<string, string>) => Promise<unknown>): Promise<string> {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await command({ NATS_URL: server.nats.url, BELLHOP_FOLDER: folder });
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}

test("the list says what holds, how many are at work and how many wait", async () => {
  const { policies } = JSON.parse(await printed((env) => policyList({ json: true }, env))) as { policies: Record<string, unknown>[] };
  expect(policies.map(({ ref, says, inside, waiting }) => [ref, says, inside, waiting])).toEqual([
    ["deploy.two", "1 at once, more wait", 1, 2],
    ["deploy.again", "tried again after 5 seconds on failure, 3 times at most", 1, 2],
    ["deploy.soon", "waits 24 hours at most", 1, 2],
    ["deploy.off", "off", 1, 2],
  ]);
  expect(await printed((env) => policyList({ json: false }, env))).toMatch(/deploy\.two +deploy\.go +1 +2 +1 at once, more wait/);
});

test("one policy is shown with who is at work and who waits in which order, by its name and by that of its action", async () => {
  const text = await printed((env) => policyShow("deploy.two", { json: false }, env));
  expect(text).toContain("deploy.go\n  deploy.two: 1 at once, more wait\n");
  expect(text).toMatch(/RUN1 +main +2999-01-01 \d\d:\d\d +at work/);
  expect(text).toMatch(/RUN3 .* number 2 in line: 1 of 1 run is at work \(policy deploy\.two\)/);
  const told = JSON.parse(await printed((env) => policyShow("deploy.go", { json: true }, env))) as { inside: unknown[]; line: unknown[] };
  expect(told.line).toMatchObject([
    { run: "RUN2", place: 1 },
    { run: "RUN3", place: 2 },
  ]);
  await expect(printed((env) => policyShow("deploy.tow", { json: false }, env))).rejects.toThrow("Did you mean deploy.two?");
});

test("lists of runs know why one waits, and say nothing of it where nothing runs", async () => {
  const waiting = await waitingHere({ NATS_URL: server.nats.url, BELLHOP_FOLDER: folder });
  expect([...waiting.keys()]).toEqual(["RUN2", "RUN3"]);
  expect((await waitingHere({ BELLHOP_FOLDER: folder })).size).toBe(0);
});
