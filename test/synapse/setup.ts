import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

export type Prepared = { kind: "ready"; root: string } | { kind: "skipped"; why: string };

/** A small Debian sid with matrix-synapse in it (700 MB, two minutes the first time), kept in the cache folder: Debian's stable releases have none. It comes
 *  from where this machine's own packages come from. */
export async function prepareSynapse(): Promise<Prepared> {
  const root = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "bellhop", "synapse", "root");
  if (process.getuid?.() !== 0) return { kind: "skipped", why: "it takes root to set up a system in a folder" };
  if (existsSync(join(root, synapse))) return { kind: "ready", root };
  const debootstrap = (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, "debootstrap")));
  if (!debootstrap) return { kind: "skipped", why: "debootstrap is not installed" };
  const mirror = await debianMirror();
  if (mirror === undefined) return { kind: "skipped", why: "this machine's apt has no Debian mirror" };

  const draft = `${root}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(dirname(root), { recursive: true });
  console.log(`setting up Synapse in ${root}, once`);
  const steps = [
    ["debootstrap", "--variant=minbase", "sid", draft, mirror],
    ["chroot", draft, "apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "matrix-synapse"],
  ];
  for (const step of steps) {
    const { code, output } = await run(step);
    if (code !== 0) return { kind: "skipped", why: `${step[0]} failed: ${output.trim().split("\n").slice(-3).join(" / ")}` };
  }
  await rename(draft, root);
  return { kind: "ready", root };
}

const synapse = "usr/lib/python3/dist-packages/synapse";

/** Where apt fetches this machine's own release from. Other archives have suites of their own. */
async function debianMirror(): Promise<string | undefined> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1];
  if (codename === undefined || !/^ID=debian$/m.test(release)) return undefined;
  const folder = "/etc/apt/sources.list.d";
  const names = (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
  for (const file of ["/etc/apt/sources.list", ...names]) {
    const text = await readFile(file, "utf8").catch(() => "");
    const [, line] = new RegExp(String.raw`^deb\s+(?:\[[^\]]*\]\s+)?(https?://\S+)\s+${codename}\s`, "m").exec(text) ?? [];
    if (line !== undefined) return line;
    for (const stanza of text.split(/\n\s*\n/)) {
      const suites = /^Suites:(.*)$/m.exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
      const uri = /^URIs:\s*(https?:\/\/\S+)/m.exec(stanza)?.[1];
      if (uri !== undefined && suites.includes(codename)) return uri;
    }
  }
  return undefined;
}

async function run([command = "", ...args]: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-4_000)));
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? 1, output };
}
