import { expect, test } from "vitest";
import { encodeFrame, frameReader, type Frame } from "./frames.ts";

test("frames survive being cut anywhere and being joined", () => {
  const bytes = Buffer.concat([encodeFrame(1, 7, { a: "ü" }), encodeFrame(2, 8), encodeFrame(3, 4_000_000_000, Buffer.alloc(1000, 5))]);
  for (const size of [1, 2, 8, 9, 10, 100, bytes.length]) {
    const frames: Frame[] = [];
    const read = frameReader((frame) => frames.push(frame));
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    expect(frames.map(({ type, id, body }) => [type, id, body.length])).toEqual([
      [1, 7, 10],
      [2, 8, 0],
      [3, 4_000_000_000, 1000],
    ]);
    expect(JSON.parse(frames[0]?.body.toString() ?? "")).toEqual({ a: "ü" });
  }
});
