import { connectBus, type Bus } from "@bellhop/bus";
import { oldestServer } from "@bellhop/bus/server";
import { limits } from "@bellhop/contracts";
import { commonConfig, silentLog, type CommonConfig, type Env } from "@bellhop/service";
import { bytesText } from "../amounts.ts";
import { restoring } from "../backup/order.ts";
import { stamp } from "../times.ts";
import { runningIn } from "../up-lock.ts";
import { clockCheck, within, type Check } from "./check.ts";
import { workChecks } from "./work.ts";

/** What only something that runs can tell. */
export async function runningChecks(config: CommonConfig, env: Env): Promise<readonly Check[]> {
  const holder = await runningIn(config.folder);
  if (holder === undefined && env.NATS_URL === undefined)
    return [{ name: "running", state: "odd", found: "nothing runs here", hint: "`npm start` starts it." }];
  const found = holder === undefined ? "NATS_URL names what runs" : `process ${holder.pid}, ${holder.state} since ${stamp(holder.since)}`;
  const running: Check = { name: "running", state: "ok", found };
  // Whoever may look after the installation may also look into its queues; the terminal's credentials show less.
  const { nats, durations } = commonConfig(env, "operator");
  let bus: Bus | undefined;
  const failed = await within(
    "nats",
    async () => {
      bus = await connectBus({ ...nats, name: "bellhop doctor", role: "operator", durations, log: silentLog, patienceMs: 1 });
      return [];
    },
    5_000,
  );
  if (bus === undefined) return [running, ...failed];
  const open = bus;
  try {
    const [server, streams] = await Promise.all([
      within("nats", () => natsChecks(open, config.layout?.replicas ?? 1)),
      within("streams", () => streamsChecks(open)),
    ]);
    const found = [running, ...server, ...streams];
    // Whatever looks into what is not there waits for it.
    return streams.some(({ state }) => state === "bad") ? found : [...found, ...(await workChecks({ bus: open, config, env }))];
  } finally {
    await Promise.race([open.drain(), new Promise((resolve) => setTimeout(resolve, 1_000))]);
  }
}

/** Whether what everything waits for is there; who makes it is not among the engines and runners. */
async function streamsChecks(bus: Bus): Promise<Check[]> {
  // Whose credentials don't let them look learns of it from the engines' logs.
  const findings = await bus.plan().catch(() => []);
  const missing = findings.filter(({ kind, what }) => kind === "missing" && what !== "consumer").map(({ name }) => name);
  if (missing.length === 0) return [];
  const found = `${missing.length} streams and buckets are missing: ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? " …" : ""}`;
  const hint = "`bellhop nats apply` makes them, and so does `bellhop up`. Until then everything waits.";
  return [{ name: "streams", state: "bad", found, hint }];
}

async function natsChecks(bus: Bus, wanted: number): Promise<Check[]> {
  const began = Date.now();
  const server = await bus.server();
  const { version, maxPayload, servers, storage, jetStream } = server;
  if (!jetStream) {
    const hint = "Switch it on: nats-server -js, or jetstream {} in its configuration; or the account has no right to it.";
    return [{ name: "nats", state: "bad", found: `${version}, without JetStream`, hint }];
  }
  const now = (began + Date.now()) / 2;
  const unfinished = await bus.snapshots.marked(restoring);
  return [
    {
      name: "nats",
      ...(maxPayload < limits.message
        ? {
            state: "bad" as const,
            found: `${version}; messages up to ${bytesText(maxPayload)}`,
            hint: `Set max_payload to ${limits.message} in its configuration: large replies and requests can't be stored.`,
          }
        : { state: "ok" as const, found: `${version} (${oldestServer} or later is needed); messages up to ${bytesText(maxPayload)}` }),
    },
    ...(storage === undefined ? [] : [storageCheck(storage)]),
    replicasCheck({ wanted, servers }),
    ...(unfinished === undefined
      ? []
      : [
          {
            name: "restore",
            state: "bad" as const,
            found: `not finished: ${unfinished}`,
            hint: "Do it again with the same file: `bellhop restore FILE`.",
          },
        ]),
    ...(server.now === undefined ? [] : [clockCheck("NATS", now - server.now)]),
  ];
}

/** Whether there are servers for the copies that are wanted. */
export function replicasCheck({ wanted, servers }: { wanted: number; servers: number }): Check {
  const name = "replicas";
  if (wanted > servers) {
    const found = `${wanted} copies are wanted, and ${servers === 1 ? "there is one server" : `there are ${servers} servers`} to be seen`;
    return { name, state: "odd", found, hint: "Is a server away, or NATS_URL that of another cluster? Otherwise lower nats.replicas." };
  }
  if (servers === 1) return { name, state: "ok", found: "one server: what it stores is lost with its disk (back it up, or run three)" };
  return { name, state: "ok", found: `${wanted} of each stream, on ${servers} servers` };
}

/** @param storage of the account, in bytes; `limit` undefined: as much as the disk has */
export function storageCheck({ used, limit }: { used: number; limit?: number }): Check {
  const name = "storage";
  if (limit === undefined) return { name, state: "ok", found: `${bytesText(used)} in use, no limit but the disk` };
  const found = `${bytesText(used)} of ${bytesText(limit)} in use`;
  const part = used / limit;
  if (part < 0.8) return { name, state: "ok", found };
  const hint = "Raise the account's limit (max_file), or clear what is not needed: `bellhop dead list`.";
  return { name, state: part < 0.95 ? "odd" : "bad", found, hint };
}
