import { silentLog, type Service } from "@bellhop/service";
import { expect, test } from "vitest";
import { keepRunning } from "./keep-running.ts";

/** A service in the test's hand: each start is recorded, and the test says when it fails. */
function parts() {
  const started: { fail: (why: string) => void; stopped: boolean }[] = [];
  let wake = () => {};
  return {
    started,
    start: async (): Promise<Service> => {
      const { promise, reject } = Promise.withResolvers<never>();
      promise.catch(() => {});
      const part = { fail: (why: string) => reject(new Error(why)), stopped: false };
      started.push(part);
      wake();
      return { failed: promise, stop: async () => void (part.stopped = true) };
    },
    atLeast: async (count: number) => {
      while (started.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

test("a part that fails is stopped and started again, and the person is told", async () => {
  const { start, started, atLeast } = parts();
  const told: string[] = [];
  const service = await keepRunning({
    name: "runner",
    start,
    log: silentLog,
    logFile: "x.log",
    tell: (line) => told.push(line),
    pauseMs: () => 0,
  });
  started[0]?.fail("no disk");
  await atLeast(2);
  expect(told).toEqual(["the runner failed and is started anew: Something went wrong inside Bellhop: no disk"]);
  expect(started.map((part) => part.stopped)).toEqual([true, false]);
  await service.stop();
  expect(started.map((part) => part.stopped)).toEqual([true, true]);
});

test("five failures within a minute are given up on, with the last reason", async () => {
  const { start, started, atLeast } = parts();
  const service = await keepRunning({ name: "engine", start, log: silentLog, logFile: "x.log", tell: () => {}, pauseMs: () => 0 });
  for (let nth = 1; nth <= 5; nth++) {
    await atLeast(nth);
    started[nth - 1]?.fail(`reason ${nth}`);
  }
  await expect(service.failed).rejects.toThrow(/engine failed 5 times within a minute.*reason 5/);
});

test("failures that lie more than a minute apart are not added up", async () => {
  const { start, started, atLeast } = parts();
  let clock = 0;
  const service = await keepRunning({
    name: "engine",
    start,
    log: silentLog,
    logFile: "x.log",
    tell: () => {},
    pauseMs: () => 0,
    now: () => clock,
  });
  for (let nth = 1; nth <= 12; nth++) {
    await atLeast(nth);
    clock += 61_000;
    started[nth - 1]?.fail("now and then");
  }
  await atLeast(13);
  await service.stop();
});

test("what can't start at all is the caller's to hear", async () => {
  const start = () => Promise.reject(new Error("port taken"));
  await expect(keepRunning({ name: "engine", start, log: silentLog, logFile: "x.log", tell: () => {} })).rejects.toThrow("port taken");
});

test("a part without a limit is started again however often it fails", async () => {
  const { start, started, atLeast } = parts();
  const service = await keepRunning({
    name: "runner",
    start,
    log: silentLog,
    logFile: "x.log",
    tell: () => {},
    limit: Infinity,
    pauseMs: () => 0,
  });
  for (let failures = 0; failures < 20; failures++) {
    started[failures]?.fail("killed");
    await atLeast(failures + 2);
  }
  await service.stop();
  expect(started.at(-1)?.stopped).toBe(true);
});
