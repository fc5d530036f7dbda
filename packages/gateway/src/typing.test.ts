import { silentLog } from "@bellhop/service";
import { expect, it } from "vitest";
import { testClock } from "./test-clock.ts";
import { createTyping } from "./typing.ts";

const to = { platform: "test", account: "bot", channel: "ops" };

function scene() {
  const clock = testClock();
  const shown: number[] = [];
  const stopping = new AbortController();
  const type = async () => {
    shown.push(clock.now());
    if (shown.length === 2) throw new Error("no connection");
  };
  const typing = createTyping({ adapter: { type }, clock, over: stopping.signal, log: silentLog });
  return { clock, shown, stopping, typing };
}

it("is shown at once and again until the final word, whether it gets through or not", async () => {
  const { clock, shown, typing } = scene();
  typing.begin({ to, answers: "m1" });
  typing.begin({ to, answers: "m2" });
  typing.end("m2");
  await clock.advance(9_000);
  typing.end("m1");
  typing.end(undefined);
  await clock.advance(60_000);
  expect(shown).toEqual([0, 0, 4_000, 8_000]);
});

it("ends after a minute by itself", async () => {
  const { clock, shown, typing } = scene();
  typing.begin({ to, answers: "m1" });
  await clock.advance(600_000);
  expect(shown.at(-1)).toBe(56_000);
});

it("is shown once where nothing says what ends it", async () => {
  const { clock, shown, typing } = scene();
  typing.begin({ to });
  await clock.advance(60_000);
  expect(shown).toEqual([0]);
});

it("ends when we stop, and is not begun after that", async () => {
  const { clock, shown, stopping, typing } = scene();
  typing.begin({ to, answers: "m1" });
  stopping.abort();
  typing.begin({ to, answers: "m2" });
  await clock.advance(60_000);
  expect(shown).toEqual([0]);
});
