import { expect, test } from "vitest";
import type { OutputChunk } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";
import { liveOutput } from "./output.ts";

function output(more: { most?: number; secrets?: string[] } = {}) {
  const chunks: OutputChunk[] = [];
  const bus = {
    publish: async (_subject: unknown, chunk: unknown) => {
      chunks.push(chunk as OutputChunk);
      return { sequence: chunks.length, duplicate: false };
    },
  };
  const live = liveOutput({ bus, attempt: { run: "R", task: "main", attempt: 1 }, secrets: more.secrets ?? [], log: silentLog, ...more });
  return { live, chunks, texts: () => chunks.map(({ stream, text }) => `${stream}:${text}`) };
}

test("pieces are joined, streams kept apart in their order, and numbered", () => {
  const { live, chunks, texts } = output();
  for (const [stream, text] of [
    ["stdout", "a"],
    ["stdout", "b"],
    ["stderr", "c"],
    ["stdout", "d"],
  ] as const)
    live.write(stream, Buffer.from(text));
  live.close();
  expect(texts()).toEqual(["stdout:ab", "stderr:c", "stdout:d"]);
  expect(chunks.map(({ seq }) => seq)).toEqual([0, 1, 2]);
});

test("a character that was cut in two arrives whole", () => {
  const { live, texts } = output();
  const bytes = Buffer.from("ü");
  live.write("stdout", bytes.subarray(0, 1));
  live.write("stdout", bytes.subarray(1));
  live.close();
  expect(texts()).toEqual(["stdout:ü"]);
});

test("a secret in two pieces is masked", () => {
  const { live, texts } = output({ secrets: ["hunter2"] });
  live.write("stdout", Buffer.from("is hunt"));
  live.write("stdout", Buffer.from("er2, really"));
  live.close();
  expect(texts()).toEqual(["stdout:is [secret], really"]);
});

test("beyond the limit one last line says so, and no more comes", () => {
  const { live, texts } = output({ most: 1024 * 1024 });
  for (let n = 0; n < 40; n++) live.write("stdout", Buffer.alloc(64 * 1024, "x"));
  live.close();
  expect(texts().at(-1)).toBe("log:Live output ends here: it is kept up to 1 MB.\n");
  expect(texts().filter((text) => text.startsWith("log:"))).toHaveLength(1);
  expect(texts()).toHaveLength(18);
});
