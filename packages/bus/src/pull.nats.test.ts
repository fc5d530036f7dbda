import { durations } from "@bellhop/contracts";
import { connect } from "nats";
import { expect, test } from "vitest";
import { Pull } from "./pull.ts";
import { startNats } from "./server/testing.ts";

test("whoever closed the connection first is asked for nothing more, and can still stop", async () => {
  const nats = await startNats();
  const nc = await connect({ servers: nats.url });
  const pull = new Pull(
    { nc, inboxPrefix: "_INBOX", durations, onReconnect: () => () => true },
    { stream: "NONE", consumer: "none", onMessage() {}, onGone() {}, room: () => 10, least: () => 1 },
  );
  pull.start();
  await nc.close();
  // As its clock does, and whoever made room.
  expect(() => pull.start()).not.toThrow();
  expect(() => pull.more()).not.toThrow();
  await pull.stop();
  await nats.stop();
});
