import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import { buckets, problem, scaled } from "@bellhop/contracts";
import { commonConfig, silentLog, type Log, type Service } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Adapter, Inbox } from "./adapter.ts";
import { usualPrefixes } from "./addressing.ts";
import { startGateway, type AccountToOpen } from "./start-gateway.ts";
import { Board } from "./test-board.ts";
import { listen, wall } from "./test-wall.ts";

let nats: TestNats;
let folder: string;
let operator: Bus;
let boards = 0;
let services: Service[] = [];

const refused = problem("config_invalid", { count: 1, faults: "  TOKEN: the platform does not take it" });
const unreachable = problem("platform_unavailable", { platform: "board", why: "closed" });

beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), "bellhop-start-"));
  operator = await connectBus({ url: nats.url, name: "test", role: "operator", durations: scaled(0.1), log: silentLog });
  await operator.setUp();
});

afterAll(async () => {
  await operator.drain();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const service of services) await service.stop();
  services = [];
});

it("serves several accounts with one connection and one membership", async () => {
  const [acme, beta] = [account("acme"), account("beta")];
  await start([acme, beta]);
  for (const { board, inbox } of [acme, beta]) {
    await (await inbox).receive(wall(board.account).said("1"));
    const listening = await listen(operator, board.account);
    await listening.until(1);
    await listening.stop();
  }
  const members = await operator.bucket(buckets.member).entries("member.*");
  expect(members.filter(({ value }) => value.role === "gateway")).toHaveLength(1);
});

it("leaves the others alone when a platform will not have one account, and says which", async () => {
  const [acme, beta] = [account("acme", { open: () => Promise.reject(refused) }), account("beta")];
  const { service, told } = await start([acme, beta]);
  await beta.inbox;
  expect(told).toContainEqual({ as: "acme", why: refused.message, hint: refused.hint, left: 1 });
  expect(await settled(service.failed)).toBe(false);
});

it("can't start when no account is left", async () => {
  const accounts = ["acme", "beta"].map((name) => account(name, { open: () => Promise.reject(refused) }));
  await expect(start(accounts)).rejects.toBe(refused);
});

it("goes on without an account that is turned away later, and fails with the last one", async () => {
  const [acme, beta] = [account("acme"), account("beta")];
  const { service } = await start([acme, beta]);
  acme.turnAway();
  await acme.disconnected;
  expect(await settled(service.failed)).toBe(false);
  await (await beta.inbox).receive(wall(beta.board.account).said("1"));
  beta.turnAway();
  await expect(service.failed).rejects.toBe(refused);
});

it("runs one of two accounts that are the same bot, and says so", async () => {
  const board = new Board(`start${++boards}`);
  const [acme, beta] = [account("acme", { board }), account("beta", { board })];
  const { told } = await start([acme, beta]);
  await Promise.any([acme.disconnected, beta.disconnected]);
  await Promise.any([acme.inbox, beta.inbox]);
  expect(told).toContainEqual(
    expect.objectContaining({ account: `board/${board.account}`, same: expect.stringMatching(/acme|beta/) as string }),
  );
});

it("does not wait for an account that is turned away while it connects", async () => {
  const [acme, beta] = [account("acme", { connect: () => new Promise(() => {}) }), account("beta")];
  acme.turnAway();
  const { told } = await start([acme, beta]);
  await acme.disconnected;
  await beta.inbox;
  expect(told).toContainEqual(expect.objectContaining({ as: "acme", why: refused.message }));
});

it("waits for a platform that can't be reached yet, while another account works", async () => {
  let tries = 0;
  const acme = account("acme", { open: () => (++tries < 3 ? Promise.reject(unreachable) : undefined) });
  const beta = account("beta");
  await start([acme, beta]);
  await beta.inbox;
  await acme.inbox;
  expect(tries).toBe(3);
});

it("stops although its platform was never reached", async () => {
  const { service } = await start([account("acme", { open: () => Promise.reject(unreachable) })]);
  await service.stop();
});

it("starts while NATS is away, and works when it is there", { timeout: 60_000 }, async () => {
  await nats.kill9();
  const acme = account("acme");
  await start([acme]);
  await nats.restart();
  await (await acme.inbox).receive(wall(acme.board.account).said("1"));
});

it("can't start where it may not keep anything, and says where", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(start([account("acme")], join(folder, "file"))).rejects.toThrow(/BELLHOP_FOLDER: nothing can be kept in .*file/);
});

interface TestAccount extends AccountToOpen {
  board: Board;
  /** Once it is connected. */
  inbox: Promise<Inbox>;
  disconnected: Promise<void>;
  /** The platform takes the tokens back. */
  turnAway(): void;
}

function account(
  name: string,
  over: { board?: Board; open?: () => Promise<never> | undefined; connect?: Adapter["connect"] } = {},
): TestAccount {
  const { board = new Board(`start${++boards}`) } = over;
  const inbox = Promise.withResolvers<Inbox>();
  const disconnected = Promise.withResolvers<void>();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  return {
    name,
    board,
    inbox: inbox.promise,
    disconnected: disconnected.promise,
    turnAway: () => failure.reject(refused),
    async open(): Promise<Adapter> {
      await over.open?.();
      const adapter: Adapter = {
        ...board.adapter(name, inbox.resolve),
        failed: failure.promise,
        disconnect: async () => disconnected.resolve(),
      };
      return over.connect === undefined ? adapter : { ...adapter, connect: over.connect };
    },
  };
}

async function start(accounts: TestAccount[], place = folder): Promise<{ service: Service; told: object[] }> {
  const told: object[] = [];
  const config = commonConfig({ BELLHOP_FOLDER: place, NATS_URL: nats.url, BELLHOP_TIME_FACTOR: "0.1" }, "gateway");
  const service = await startGateway({
    name: "gateway-test",
    config: { ...config, prefixes: usualPrefixes },
    log: noting(told),
    accounts,
  });
  services.push(service);
  return { service, told };
}

/** A log that keeps errors, with what its children always say. */
function noting(told: object[], always: object = {}): Log {
  return {
    ...silentLog,
    error: (fields) => void told.push({ ...always, ...fields }),
    child: (fields) => noting(told, { ...always, ...fields }),
  };
}

/** Whether it is settled already. */
function settled(promise: Promise<unknown>): Promise<boolean> {
  const yes = () => true;
  return Promise.race([promise.then(yes, yes), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);
}
