import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openBodies, type Incoming } from "./bodies.ts";

/** A request whose body comes when it is told to. */
function trickle(headers: Record<string, string> = {}): { request: Incoming; more(text: string): void; end(): void } {
  const request = Object.assign(new PassThrough(), { headers });
  return { request, more: (text) => void request.write(text), end: () => void request.end() };
}

test("where all bodies together are too much, whoever has taken longest is cut off, and the others are read", async () => {
  const bodies = openBodies({ limit: 100, together: 150 });
  const [slow, quick, late] = [trickle(), trickle(), trickle()];
  const reads = [slow, quick, late].map(({ request }) => bodies.read(request));
  slow.more("x".repeat(90));
  quick.more("y".repeat(50));
  await new Promise(setImmediate);
  late.more("z".repeat(60));
  expect(await reads[0]).toMatchObject({ status: 503, headers: { "Retry-After": "5" } });
  quick.end();
  late.end();
  expect((await Promise.all(reads.slice(1))).map((read) => "bytes" in read && read.bytes.length)).toEqual([50, 60]);
});

test("what is answered makes room", async () => {
  const bodies = openBodies({ limit: 100, together: 150 });
  for (let turn = 0; turn < 5; turn++) {
    const one = trickle();
    one.more("x".repeat(90));
    one.end();
    expect(await bodies.read(one.request)).toMatchObject({ bytes: { length: 90 } });
    bodies.release(one.request);
  }
});

test("nothing is unpacked, and nothing is read further than it may be", async () => {
  const bodies = openBodies({ limit: 1_000, together: 10_000 });
  const packed = gzipSync(Buffer.alloc(500_000));
  const request = (headers: Record<string, string>) => Object.assign(PassThrough.from([packed]), { headers });
  expect(packed.length).toBeLessThan(1_000);
  expect(await bodies.read(request({ "content-encoding": "gzip" }))).toMatchObject({
    status: 415,
    message: expect.stringContaining("gzip") as unknown,
  });
  expect(await bodies.read(request({ "content-length": "1001" }))).toMatchObject({ status: 413 });
  const long = trickle();
  long.more("x".repeat(600));
  long.more("x".repeat(600));
  expect(await bodies.read(long.request)).toMatchObject({ status: 413 });
});

test("whoever goes amid his body is told so, and holds nothing", async () => {
  const bodies = openBodies({ limit: 100, together: 150 });
  const one = trickle();
  const read = bodies.read(one.request);
  one.more("x".repeat(90));
  one.request.destroy();
  expect(await read).toMatchObject({ status: 400, code: "body_cut" });
  expect(await bodies.read(one.request)).toMatchObject({ status: 400, code: "body_cut" });
});
