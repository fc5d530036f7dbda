import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

test("a log that finds no room loses lines, not the process, and goes on with whole lines when there is room again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-log-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const script = `
    import { readFileSync, truncateSync } from "node:fs";
    import { createLog } from ${JSON.stringify(new URL("log.ts", import.meta.url).href)};
    const file = ${JSON.stringify(join(folder, "logs", "one.log"))};
    const log = createLog({ name: "one", destination: file });
    for (let n = 0; n < 100; n++) log.info({ n, pad: "x".repeat(1_000) }, "until there is no room");
    const kept = readFileSync(file, "utf8");
    truncateSync(file, 0);
    log.info({}, "room again");
    console.log(JSON.stringify({ kept, again: readFileSync(file, "utf8") }));
  `;
  // A file that may have so much alone is, to whoever writes it, on a disk that is full: the last line is written in part.
  const { stdout } = await promisify(execFile)("sh", [
    "-c",
    'ulimit -f 8; exec "$0" --input-type=module -e "$1"',
    process.execPath,
    script,
  ]);
  const { kept, again } = JSON.parse(stdout) as { kept: string; again: string };
  expect(JSON.parse(kept.split("\n")[0] ?? "")).toMatchObject({ n: 0, msg: "until there is no room" });
  expect(kept.length % 512).toBe(0);
  const [rest, line] = again.split("\n");
  expect(rest).toBe("");
  expect(JSON.parse(line ?? "")).toMatchObject({ msg: "room again" });
});
