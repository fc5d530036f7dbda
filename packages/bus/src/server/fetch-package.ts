import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mirrorsOf, parseAptSources, type Mirror } from "./apt-sources.ts";
import type { Fetch } from "./fetch.ts";
import { run } from "./run.ts";
import { isNewEnough } from "./version.ts";

/** Which suites to ask, newest first. Debian's unstable comes after testing: it moves while it is read. */
const distributions: Readonly<Record<string, { suites: (codename: string) => string[]; components: string; keyring: string }>> = {
  debian: {
    suites: (codename) => ["testing", "unstable", "stable", codename],
    components: "main",
    keyring: "/usr/share/keyrings/debian-archive-keyring.gpg",
  },
  ubuntu: {
    suites: (codename) => ["devel", codename],
    components: "main universe",
    keyring: "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
  },
};

/** Brings nats-server from Debian's or Ubuntu's packages without installing anything: apt, with sources and state of its own in a temporary folder,
 *  checks signatures and downloads; dpkg-deb unpacks. The mirror, its keyring and the proxy are the machine's own. Works with and without root. */
export async function fetchPackage({ target, env, log }: Parameters<Fetch>[0]): Promise<string> {
  const os = parseOsRelease(await readFile("/etc/os-release", "utf8").catch(() => ""));
  const distribution = distributions[os.id];
  if (!distribution) throw new Error(`no way to fetch packages on ${os.id || process.platform}, only on Debian and Ubuntu`);
  const mirrors = mirrorsOf(parseAptSources(await readSources()), os);
  if (mirrors.length === 0) throw new Error("apt's sources (/etc/apt/sources.list, sources.list.d) name no mirror of the distribution");
  const failures: string[] = [];
  for (const mirror of mirrors) {
    for (const suite of new Set(distribution.suites(os.codename))) {
      log(`fetching nats-server from the packages of ${os.name} ${suite} (${mirror.uri}), without installing it`);
      try {
        const keyring = mirror.signedBy ?? distribution.keyring;
        const version = await fetchFrom({ mirror, suite, components: distribution.components, keyring, target, env });
        return `the package ${version} of ${os.name} ${suite}`;
      } catch (error) {
        failures.push(`${suite}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  throw new Error(failures.join("\n    "));
}

async function fetchFrom(options: {
  mirror: Mirror;
  suite: string;
  components: string;
  keyring: string;
  target: string;
  env: NodeJS.ProcessEnv;
}): Promise<string> {
  const { mirror, suite, components, keyring, target, env } = options;
  const folder = await mkdtemp(join(tmpdir(), "bellhop-apt-"));
  try {
    // As root, apt downloads as the user _apt, which must be able to enter.
    await chmod(folder, 0o755);
    for (const part of ["lists/partial", "cache/archives/partial", "none", "unpacked"])
      await mkdir(join(folder, part), { recursive: true });
    const signed = existsSync(keyring) ? ` [signed-by=${keyring}]` : "";
    await writeFile(join(folder, "sources.list"), `deb${signed} ${mirror.uri} ${suite} ${components}\n`);
    await writeFile(join(folder, "apt.conf"), await aptConfig(folder, env));
    const aptEnv = { ...env, APT_CONFIG: join(folder, "apt.conf"), LC_ALL: "C" };
    const apt = (command: string, ...args: string[]) => run({ command, args, cwd: folder, env: aptEnv, timeoutMs: 120_000 });
    await apt("apt-get", "update", "-qq");
    const version = /Candidate:\s+(\S+)/.exec(await apt("apt-cache", "policy", "nats-server"))?.[1] ?? "(none)";
    if (!isNewEnough(version)) throw new Error(version === "(none)" ? "it has no nats-server" : `its nats-server is only ${version}`);
    await apt("apt-get", "download", "-qq", "nats-server");
    const archive = (await readdir(folder)).find((name) => name.endsWith(".deb"));
    if (archive === undefined) throw new Error("apt-get download left no package");
    await apt("dpkg-deb", "-x", archive, "unpacked");
    const binary = ["usr/sbin", "usr/bin"].map((part) => join(folder, "unpacked", part, "nats-server")).find((path) => existsSync(path));
    if (binary === undefined) throw new Error("the package holds no nats-server");
    // Copied beside its place first: the temporary folder may be on another file system, and nobody must find half a program.
    const fresh = `${target}.${process.pid}`;
    await copyFile(binary, fresh);
    await chmod(fresh, 0o755);
    await rename(fresh, target);
    return version;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The machine's ways to reach its mirror and to trust its age (proxies, certificates, logins, snapshots), with everything else our own: no hooks, no pins, no lists of the system. */
async function aptConfig(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const machine = await run({ command: "apt-config", args: ["dump"], env, timeoutMs: 10_000 });
  const reach = machine
    .split("\n")
    .filter((line) =>
      /^(Acquire::(https?|ftp|mirror|Retries|ForceIPv4|ForceIPv6|Proxy|tor|Check-Valid-Until|Check-Date|Max-ValidTime|Min-ValidTime)|APT::(Sandbox|Architecture)|Dir::Bin)\b/i.test(
        line,
      ),
    );
  const at = (name: string) => `"${join(folder, name)}"`;
  return [
    ...reach,
    `Dir::Etc::main "/dev/null";`,
    `Dir::Etc::parts ${at("none")};`,
    `Dir::Etc::sourcelist ${at("sources.list")};`,
    `Dir::Etc::sourceparts ${at("none")};`,
    `Dir::Etc::preferences "/dev/null";`,
    `Dir::Etc::preferencesparts ${at("none")};`,
    `Dir::State "${folder}";`,
    `Dir::State::lists ${at("lists")};`,
    `Dir::State::status "/dev/null";`,
    `Dir::Cache ${at("cache")};`,
    `Acquire::Languages "none";`,
    `Acquire::AllowInsecureRepositories "false";`,
    `APT::Get::AllowUnauthenticated "false";`,
    `APT::Update::Post-Invoke "";`,
    "",
  ].join("\n");
}

function parseOsRelease(text: string): { id: string; name: string; codename: string } {
  const value = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, "m").exec(text)?.[1] ?? "";
  const id = value("ID");
  return { id, name: id.charAt(0).toUpperCase() + id.slice(1), codename: value("VERSION_CODENAME") };
}

async function readSources(): Promise<{ name: string; text: string }[]> {
  const folder = "/etc/apt/sources.list.d";
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(list|sources)$/.test(name));
  const files = ["/etc/apt/sources.list", ...names.sort().map((name) => join(folder, name))];
  return await Promise.all(files.map(async (name) => ({ name, text: await readFile(name, "utf8").catch(() => "") })));
}
