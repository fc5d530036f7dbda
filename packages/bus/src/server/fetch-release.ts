import { createHash } from "node:crypto";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./run.ts";

export interface Release {
  version: string;
  /** Of the .tar.gz per platform. For others the release's own SHA256SUMS, fetched over TLS, has to do. */
  sha256: Readonly<Record<string, string>>;
  /** Folder URL of the release's files. */
  from: string;
}

const pinned: Release = {
  version: "2.15.0",
  sha256: {
    "linux-amd64": "5d2c51caca950333aba84911df7d377f826f3a59ec36061c6539105084f65c92",
    "linux-arm64": "cdc208f5a3f42963a52b6ab06ef65626bb870315dc936e26ba571780c6351112",
  },
  from: "https://github.com/nats-io/nats-server/releases/download/v2.15.0",
};

/** No answer for this long, or no further bytes, and the release counts as out of reach: a closed network must not cost a first start half a minute. */
const longestSilenceMs = 4_000;

/** Brings the official release and puts it at `target` only if its checksum is the one it must have. */
export async function fetchRelease(options: {
  target: string;
  log: (line: string) => void;
  release?: Release;
  silenceMs?: number;
}): Promise<string> {
  const { target, log, release = pinned, silenceMs = longestSilenceMs } = options;
  const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const name = `nats-server-v${release.version}-${platform}`;
  log(`fetching nats-server ${release.version} from ${new URL(release.from).host}`);
  const expected = release.sha256[platform] ?? (await publishedSum({ release, file: `${name}.tar.gz`, silenceMs }));
  const archive = await get(`${release.from}/${name}.tar.gz`, silenceMs);
  const sum = createHash("sha256").update(archive).digest("hex");
  if (sum !== expected) throw new Error(`${name}.tar.gz has the checksum ${sum}, not ${expected}: it was not used`);
  const folder = await mkdtemp(join(dirname(target), "fetch-"));
  try {
    await writeFile(join(folder, "release.tar.gz"), archive);
    await run({ command: "tar", args: ["-xzf", "release.tar.gz", `${name}/nats-server`], cwd: folder, timeoutMs: 60_000 });
    await rename(join(folder, name, "nats-server"), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return `the official release ${release.version}`;
}

async function publishedSum({ release, file, silenceMs }: { release: Release; file: string; silenceMs: number }): Promise<string> {
  const lines = (await get(`${release.from}/SHA256SUMS`, silenceMs)).toString("utf8").split("\n");
  const sum = lines.map((line) => line.split(/\s+\*?/)).find(([, name]) => name === file)?.[0];
  if (sum === undefined) throw new Error(`release ${release.version} has no ${file}`);
  return sum;
}

async function get(url: string, silenceMs: number): Promise<Buffer> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silenceMs);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silenceMs);
  };
  try {
    const response = await fetch(url, { signal: silence.signal });
    if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
    const parts: Uint8Array[] = [];
    for await (const part of response.body) {
      heard();
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch (error) {
    if (silence.signal.aborted) throw new Error(`${new URL(url).host} did not answer within ${silenceMs / 1_000} s`, { cause: error });
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`${new URL(url).host}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
