import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listen, type Door } from "./listen.ts";

let door: Door;
beforeEach(async () => {
  door = await listen(async (request) => new Response(await request.text()), { host: "127.0.0.1", port: 0, most: 3 });
});
afterEach(async () => door.close(0));

test.each([
  ["no HTTP", "hello\r\n\r\n", 400],
  ["headers larger than they may be", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ["a tunnel", "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 405],
  ["chunks that are none", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400],
  ["two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
  ["an address that is none", "GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400],
  ["a host that is none", "GET / HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n", 400],
  ["an odd expectation", "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: cake\r\nContent-Length: 0\r\n\r\n", 417],
])("%s is refused with a reason", async (_, request, status) => {
  const answer = await text(say(request));
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1])).toBe(status);
  expect(JSON.parse(body.replaceAll(/^[0-9a-f]+\r\n|\r\n0$/g, ""))).toMatchObject({
    error: { message: expect.stringMatching(/\S/) as unknown },
  });
});

test("a request without a host is one", async () => {
  const socket = say("POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 [^]*hi$/);
});

test("where all places are taken, whoever has trickled longest makes room", async () => {
  const slow: Socket[] = [];
  const gone: number[] = [];
  for (const [index, words] of ["", "POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx"].entries()) {
    const socket = say(words);
    socket.on("close", () => gone.push(index)).resume();
    await once(socket, "connect");
    slow.push(socket);
  }
  for (const expected of ["one", "two", "three", "four"]) {
    const answer = await fetch(door.url, { method: "POST", body: expected, headers: { Connection: "close" } });
    expect(await answer.text()).toBe(expected);
  }
  expect(gone).toEqual([0]);
  for (const socket of slow) socket.destroy();
});

function say(words: string): Socket {
  const { hostname, port } = new URL(door.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  if (words !== "") socket.write(words);
  return socket;
}
