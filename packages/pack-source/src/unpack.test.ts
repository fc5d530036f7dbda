import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar, type TarEntry } from "modern-tar";
import { afterAll, expect, test } from "vitest";
import { unpack } from "./unpack.ts";

const root = mkdtempSync(join(tmpdir(), "bellhop-unpack-"));
afterAll(() => rmSync(root, { recursive: true }));

const pack: TarEntry = { header: { name: "package/pack.yaml", size: 9 }, body: "name: x\n#" };

async function archive(
  entries: TarEntry[],
  compress: (bytes: Uint8Array) => Uint8Array = gzipSync,
): Promise<{ file: string; folder: string }> {
  const place = mkdtempSync(join(root, "a-"));
  const file = join(place, "a.tgz");
  writeFileSync(file, compress(await packTar(entries)));
  return { file, folder: mkdtempSync(join(place, "out-")) };
}

const spec = "a.tgz";

test("files, folders and links within come out, executable where they were; the pack is found in its one folder", async () => {
  const { file, folder } = await archive([
    pack,
    { header: { name: "package/actions/run.sh", size: 5, mode: 0o755 }, body: "echo\n" },
    { header: { name: "package/empty/", size: 0, type: "directory" } },
    { header: { name: "package/link.sh", size: 0, type: "symlink", linkname: "actions/run.sh" } },
  ]);
  const found = await unpack(file, folder, { spec });
  expect(found).toBe(join(folder, "package"));
  expect(readdirSync(found).toSorted()).toEqual(["actions", "empty", "link.sh", "pack.yaml"]);
  expect(statSync(join(found, "actions/run.sh")).mode & 0o111).toBe(0o111);
  expect(statSync(join(found, "pack.yaml")).mode & 0o111).toBe(0);
  expect(readFileSync(join(found, "link.sh"), "utf8")).toBe("echo\n");
});

test("a pack that lies at the top, in a tar that is not compressed, is found as well", async () => {
  const { file, folder } = await archive(
    [
      { ...pack, header: { ...pack.header, name: "./pack.yaml" } },
      { header: { name: "./actions/a.yaml", size: 1 }, body: "#" },
    ],
    (bytes) => bytes,
  );
  expect(await unpack(file, folder, { spec })).toBe(folder);
});

test.each<[string, TarEntry, RegExp]>([
  ["a path that climbs", { header: { name: "package/../../out.txt", size: 1 }, body: "x" }, /out\.txt.* leads out/],
  ["an absolute path", { header: { name: "/tmp/bellhop-out.txt", size: 1 }, body: "x" }, /leads out/],
  ["a link that climbs", { header: { name: "package/l", size: 0, type: "symlink", linkname: "../../etc" } }, /link package\/l leads out/],
  ["an absolute link", { header: { name: "package/l", size: 0, type: "symlink", linkname: "/etc/passwd" } }, /leads out.*passwd/],
  [
    "a hard link",
    { header: { name: "package/l", size: 0, type: "link", linkname: "package/pack.yaml" } },
    /neither file nor folder, but a link/,
  ],
  ["a device", { header: { name: "package/d", size: 0, type: "character-device" } }, /character-device/],
])("%s is refused with the reason, and nothing lies outside", async (_, entry, why) => {
  const { file, folder } = await archive([pack, entry]);
  await expect(unpack(file, folder, { spec })).rejects.toMatchObject({ code: "pack_archive_refused", message: expect.stringMatching(why) });
  expect(existsSync(join(folder, "../out.txt"))).toBe(false);
  expect(existsSync("/tmp/bellhop-out.txt")).toBe(false);
});

test("a file can't be written through a link that came before it", async () => {
  const { file, folder } = await archive([
    pack,
    { header: { name: "package/sub/", size: 0, type: "directory" } },
    { header: { name: "package/l", size: 0, type: "symlink", linkname: "sub" } },
    { header: { name: "package/l/evil", size: 1 }, body: "x" },
  ]);
  await expect(unpack(file, folder, { spec })).rejects.toMatchObject({ code: "pack_archive_refused" });
  expect(readdirSync(join(folder, "package/sub"))).toEqual([]);
});

test("a link can't be made through another one, which could lead out step by step", async () => {
  const link = (name: string, linkname: string): TarEntry => ({ header: { name, size: 0, type: "symlink", linkname } });
  const { file, folder } = await archive([pack, link("package/l", "."), link("package/l/l/up", "../.."), link("package/l/l/up/evil", "x")]);
  await expect(unpack(file, folder, { spec })).rejects.toMatchObject({
    code: "pack_archive_refused",
    message: expect.stringContaining("the link package/l/l/up lies in another, package/l"),
  });
  expect(readdirSync(folder)).toEqual(["package"]);
  expect(readdirSync(join(folder, ".."))).toHaveLength(2);
});

test("what grows when it is unpacked, and what has no end of entries, is refused at the limit", async () => {
  const limits = { bytes: 100_000, entries: 3 };
  const bomb = await archive([pack, { header: { name: "package/zeros", size: 1_000_000 }, body: new Uint8Array(1_000_000) }]);
  await expect(unpack(bomb.file, bomb.folder, { spec, limits })).rejects.toMatchObject({
    message: expect.stringMatching(/more than 0 MB/),
  });
  const many = await archive([pack, ..."abcd".split("").map((name) => ({ header: { name: `package/${name}`, size: 1 }, body: "x" }))]);
  await expect(unpack(many.file, many.folder, { spec, limits })).rejects.toMatchObject({
    message: expect.stringMatching(/more than 3 entries/),
  });
});

test("what is no archive, or half of one, is refused", async () => {
  const { file, folder } = await archive([pack, { header: { name: "package/x", size: 5_000 }, body: new Uint8Array(5_000) }]);
  writeFileSync(file, readFileSync(file).subarray(0, 60));
  await expect(unpack(file, folder, { spec })).rejects.toMatchObject({ code: "pack_archive_refused" });
  writeFileSync(file, "<html>not found</html>".padEnd(2_000));
  await expect(unpack(file, folder, { spec })).rejects.toMatchObject({ code: "pack_archive_refused" });
});
