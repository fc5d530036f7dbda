import { afterAll, beforeAll, expect, test } from "vitest";
import { checkAddress } from "./check-address.ts";
import { reachOf, type LookUp } from "./reach.ts";
import { startServers, type Servers } from "./test/servers.ts";

let servers: Servers;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.close());

/** A name server that answers each question with the next of these. */
function answering(...answers: string[][]): LookUp & { asked: number } {
  const look: LookUp & { asked: number } = (_host, _options, done) => {
    const found = (answers[look.asked++] ?? []).map((address) => ({ address, family: 4 }));
    setImmediate(() => done(null, found));
  };
  look.asked = 0;
  return look;
}

const check = (path: string, look: LookUp) => {
  const url = `${servers.plain.replace("127.0.0.1", "shop.example.test")}${path}`;
  return checkAddress({ url, tls_days: 0, timeout: 20 }, { reach: reachOf(["127.0.0.1"], look), signal: new AbortController().signal });
};

test("a name that means something else when it is asked again (DNS rebinding) is not asked again", async () => {
  const look = answering(["127.0.0.1"], ["169.254.169.254"]);
  expect(await check("/once", look)).toMatchObject({ up: true, status: 200 });
  expect([look.asked, servers.asked.get("/once")]).toEqual([1, 1]);
});

test("a name that means something else after a redirect is refused", async () => {
  const look = answering(["127.0.0.1"], ["169.254.169.254"]);
  await expect(check("/to?/inside", look)).rejects.toThrow("shop.example.test is not on the public internet");
  expect([look.asked, servers.asked.get("/inside")]).toEqual([2, undefined]);
});

test("of several addresses those that may be spoken to are tried, and no other", async () => {
  expect(await check("/several", answering(["10.0.0.1", "127.0.0.1"]))).toMatchObject({ up: true });
  await expect(check("/several", answering(["10.0.0.1", "192.168.0.1"]))).rejects.toThrow("may not be checked");
});
