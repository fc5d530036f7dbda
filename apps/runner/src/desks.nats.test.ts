import { afterAll, beforeAll, expect, test } from "vitest";
import { limits, type FileRef } from "@bellhop/contracts";
import { startScene, type Scene } from "./testing.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
  await scene.runner();
});
afterAll(async () => await scene.end());

async function carriedOut(...request: Parameters<Scene["request"]>) {
  return (await scene.result(await scene.request(...request))).outcome;
}

const shell = (cmd: string, files?: FileRef[]) => carriedOut("shell", { cmd }, files === undefined ? {} : { files });
const gone = async () => await expect.poll(scene.desks).toEqual([]);

test("files come to an action and go back with its result, and nothing of them stays on the disk", async () => {
  const files = [await scene.keep("a.csv", "1;2\n", { type: "text/csv" }), await scene.keep("b", "", { type: "text/x-own" })];
  const outcome = await carriedOut("copy", {}, { files });
  expect(outcome).toMatchObject({
    status: "succeeded",
    output: {
      inline: [
        { name: "a.csv", type: "text/csv", bytes: 4 },
        { name: "b", type: "text/x-own", bytes: 0 },
      ],
    },
  });
  expect(outcome.files).toEqual(files);
  await gone();
});

test("a command finds the folder with the files, and what it leaves in the other one goes back", async () => {
  const asked = await scene.request(
    "shell",
    { cmd: 'cd "$BELLHOP_FILES" && sort a.txt b.txt > "$BELLHOP_ATTACH/c.md"; stat -c %a . ../..' },
    {
      files: [await scene.keep("a.txt", "2\n"), await scene.keep("b.txt", "1\n")],
    },
  );
  const { outcome } = await scene.result(asked);
  expect(outcome).toMatchObject({ status: "succeeded", output: { inline: { stdout: "700\n700" } } });
  expect(outcome.files).toMatchObject([{ name: "c.md", type: "text/markdown", bytes: 4 }]);
  expect(await scene.read(outcome.files?.[0])).toBe("1\n2\n");
  await gone();
});

test("without files both folders are there and empty", async () => {
  const outcome = await shell('cd "$BELLHOP_FILES" && cd "$BELLHOP_ATTACH" && test -z "$(find "$BELLHOP_FILES" . -mindepth 1)"');
  expect(outcome).toMatchObject({ status: "succeeded" });
  expect(outcome.files).toBeUndefined();
  await gone();
});

test("names can't leave the folder, hide, or take each other's place", async () => {
  const names = ["../../x.txt", "x.txt", ".profile", "a/b.txt"];
  const files = await Promise.all(names.map(async (name) => await scene.keep(name, name)));
  const outcome = await shell('cd "$BELLHOP_FILES" && for f in *; do echo "$f=$(cat "$f")"; done; ls -A | wc -l', files);
  expect(outcome.output).toMatchObject({ inline: { stdout: "b.txt=a/b.txt\nprofile=.profile\nx-2.txt=x.txt\nx.txt=../../x.txt\n4" } });
});

test("a file that was lost on the way is not there, and the command goes on", async () => {
  const lost: FileRef = { name: "big.iso", type: "application/octet-stream", bytes: 2 ** 31, lost: "too_large" };
  const outcome = await carriedOut("copy", {}, { files: [lost, await scene.keep("a.txt", "a")] });
  expect(outcome).toMatchObject({ status: "succeeded", files: [{ name: "a.txt" }] });
});

test.each([
  ["is gone from the object store", async () => ({ name: "a.txt", type: "text/plain", bytes: 3, object: "0".repeat(64) })],
  [
    "is damaged",
    async () => {
      const object = "1".repeat(64);
      await scene.bus.objects("values").put(object, Buffer.from("abc"));
      return { name: "a.txt", type: "text/plain", bytes: 3, object };
    },
  ],
])("a file that %s ends the attempt before it does anything", async (why, keep) => {
  const file = scene.file();
  const { status, problem } = await carriedOut("append", { file }, { files: [await keep()] });
  expect({ status, code: problem?.code }).toEqual({ status: "failed", code: "file_unreadable" });
  expect(problem?.message).toBe(`a.txt, which came with the command, can't be read: it ${why}.`);
  expect(scene.lines(file)).toEqual([]);
  await gone();
});

test("what an action that failed had attached is shown all the same", async () => {
  const outcome = await carriedOut("copy", { fail: true }, { files: [await scene.keep("a.txt", "so far")] });
  expect(outcome).toMatchObject({ status: "failed", problem: { message: "test.copy failed: no luck" } });
  expect(await scene.read(outcome.files?.[0])).toBe("so far");
});

test("what is too large, and more than ten, is told and not kept", async () => {
  const outcome = await shell(
    `cd "$BELLHOP_ATTACH" && truncate -s ${limits.file + 1} 0.bin && truncate -s ${limits.file} 1.bin && for i in 2 3 4 5 6 7 8 9 a b c; do echo $i > $i.txt; done`,
  );
  expect(outcome.status).toBe("succeeded");
  expect(outcome.files?.map(({ name, lost, bytes }) => [name, bytes, lost])).toEqual([
    ["0.bin", limits.file + 1, "too_large"],
    ["1.bin", limits.file, undefined],
    ...[2, 3, 4, 5, 6, 7, 8, 9].map((name) => [`${name}.txt`, 2, undefined]),
    ["3 more files", 6, "too_many"],
  ]);
  await gone();
});

test("folders, links and hidden files are passed over", async () => {
  const outcome = await shell('cd "$BELLHOP_ATTACH" && mkdir sub && ln -s /etc/hostname link && echo x > .hidden && echo y > shown');
  expect(outcome.files).toMatchObject([{ name: "shown" }]);
});

test("a secret reads [secret] in what an action attaches, and in its name", async () => {
  const password = scene.keyring.seal("hunter2");
  const outcome = await carriedOut("shell", {
    cmd: `cd "$BELLHOP_ATTACH" && printf 'a\\377hunter2z' > hunter2.bin`,
    password,
  });
  expect(outcome.files).toMatchObject([{ name: "[secret].bin" }]);
  const object = outcome.files?.[0]?.object ?? "";
  const bytes = Buffer.from((await scene.bus.objects("values").get(object)) ?? []);
  expect(bytes.toString("latin1")).toBe("a\u00ff[secret]z");
});

test("an action without files makes no folder, whichever way it ends", async () => {
  await carriedOut("noop");
  await carriedOut("copy", { fail: true });
  expect(scene.desks()).toEqual([]);
});
