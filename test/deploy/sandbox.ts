import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findNatsServer } from "@bellhop/bus/server";
import { z } from "zod";
import { natsFile, root, serviceOf, unitFiles } from "./files.ts";
import { buildTree, imageSettings } from "./image.ts";
import { has, outcomeOf, type Outcome } from "./outcome.ts";
import { freePort } from "../free-port.ts";

const what = ["up", "health", "run", "stop", "apart", "apart-run", "apart-stop"] as const;
const Finding = z.object({ what: z.enum(what), status: z.int(), text: z.string() });

/** Starts what the image starts from a tree that is made as the image's is: as its user, without capabilities and without a way to get any, everything read-only but
 *  the volume and /tmp, and under the memory limit of bellhop.service. Asks it for a shell command, and ends it as an operator would. Then the same with nats-server, `up` and a runner apart, each with its own
 *  credentials, as compose has them. */
export async function checkSandbox(): Promise<Outcome> {
  for (const program of ["unshare", "setpriv", "prlimit", "mount"])
    if (!has(program)) return { kind: "skipped", why: `there is no ${program} here: apt-get install util-linux mount brings it` };
  if (process.getuid?.() !== 0 || spawnSync("unshare", ["--mount", "--pid", "--fork", "true"]).status !== 0)
    return { kind: "skipped", why: "mount namespaces are not allowed here: it takes root, or CAP_SYS_ADMIN" };
  const folder = mkdtempSync(join(tmpdir(), "bellhop-deploy-"));
  const limit = memoryLimit("bellhop.service");
  const group = openMemoryGroup(limit);
  try {
    const image = imageSettings();
    const uid = Number(image.user.split(":")[0]);
    const tree = join(folder, "tree");
    const state = join(folder, "state");
    const bin = join(folder, "bin");
    for (const made of [tree, state, bin]) mkdirSync(made);
    buildTree(tree);
    chownSync(state, uid, uid);
    const { binary } = await findNatsServer({ root: join(root, ".bellhop"), env: process.env });
    copyFileSync(binary, join(bin, "nats-server"));
    copyFileSync(join(import.meta.dirname, "inside.sh"), join(bin, "inside.sh"));
    copyFileSync(natsFile, join(bin, "nats.conf"));
    const port = await freePort();
    const env = {
      ...image.env,
      BELLHOP_HTTP: String(port),
      NATS_PORT: String(await freePort()),
      NATS_HTTP: String(await freePort()),
      ENTRYPOINT: image.entrypoint[1] ?? "",
      HEALTH: (image.healthcheck[2] ?? "").replace("9464", String(port)),
    };
    const ended = spawnSync("unshare", ["--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", outside], {
      encoding: "utf8",
      timeout: 180_000,
      env: {
        PATH: process.env.PATH,
        TREE: tree,
        STATE: state,
        BIN: bin,
        GROUP: group?.processes ?? "/dev/null",
        USER_ID: String(uid),
        VARIABLES: Object.entries(env)
          .map(([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'`)
          .join(" "),
      },
    });
    const findings = ended.stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [Finding.parse(JSON.parse(line))] : []));
    const used = group?.mostUsed();
    const memory =
      used === undefined ? "its memory limit could not be applied" : `${Math.round(used / 1024 ** 2)} of ${limit / 1024 ** 2} MB at most`;
    return outcomeOf(
      [...faultsIn(findings, uid), ...(ended.status === 0 ? [] : [ended.stderr.slice(-2_000)])],
      `together and apart, as ${uid}; ${memory}`,
    );
  } finally {
    group?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The image's layout on top of this machine's, as root in namespaces of its own; then the image's user. */
const outside = `
mount --make-rprivate /
mount -t proc proc /proc
mkdir -p "$BIN/empty"
mount -t tmpfs tmpfs /opt && mkdir /opt/bellhop && mount --bind "$TREE" /opt/bellhop && mount -o remount,bind,ro /opt/bellhop
mount --bind "$BIN" /usr/local/bin
mount --bind "$BIN/empty" /root
mount -t tmpfs tmpfs /mnt && mkdir /mnt/state && mount --bind "$STATE" /mnt/state
mount -t tmpfs tmpfs /var/lib && mkdir /var/lib/bellhop && mount --bind /mnt/state /var/lib/bellhop
mount -t tmpfs -o mode=1777,size=64m tmpfs /tmp
for place in / /opt /usr/local/bin /root /var/lib /mnt; do mount -o remount,bind,ro "$place"; done
echo 0 > "$GROUP"
cd /var/lib/bellhop
eval exec env -i $VARIABLES prlimit --nofile=1024 --core=0 setpriv --reuid="$USER_ID" --regid="$USER_ID" --clear-groups --no-new-privs \\
  --bounding-set=-all --inh-caps=-all --ambient-caps=-all sh /usr/local/bin/inside.sh
`;

function faultsIn(findings: readonly z.infer<typeof Finding>[], uid: number): string[] {
  const of = (name: (typeof what)[number]) => findings.find((one) => one.what === name);
  const bad = what.flatMap((name) => {
    const found = of(name);
    return found?.status === 0 ? [] : [`${name}: ${found === undefined ? "it never came to that" : `${found.status}: ${found.text}`}`];
  });
  const wanted: readonly (readonly [string, RegExp])[] = [
    [`actions run as ${uid}`, new RegExp(`"stdout":"${uid}\\\\n`)],
    ["the program can't be written", /\/opt\/bellhop\/x'?: Read-only file system/],
    ["/etc can't be written", /\/etc\/x'?: Read-only file system/],
    ["/usr can't be written", /\/usr\/x'?: Read-only file system/],
    ["nothing is left of root's rights", /CapEff:\\t0000000000000000/],
    ["nothing is left to regain", /CapBnd:\\t0000000000000000/],
    ["there is no way to get rights", /NoNewPrivs:\\t1/],
    ["/tmp can be written", /\\ntmp/],
  ];
  const seen = (["run", "apart-run"] as const).flatMap((name) => (of(name)?.status === 0 ? [of(name)?.text ?? ""] : []));
  return [...bad, ...seen.flatMap((text) => wanted.flatMap(([wish, pattern]) => (pattern.test(text) ? [] : [`not so: ${wish}: ${text}`])))];
}

function memoryLimit(unit: string): number {
  const file = unitFiles.find((one) => basename(one) === unit) ?? "";
  const [, value] = serviceOf(file).find(([name]) => name === "MemoryMax") ?? [];
  const [, amount, suffix] = /^(\d+)([MG])$/.exec(value ?? "") ?? [];
  if (amount === undefined) throw new Error(`${unit} has no MemoryMax in M or G`);
  return Number(amount) * (suffix === "G" ? 1024 ** 3 : 1024 ** 2);
}

interface MemoryGroup {
  /** Whoever is written here belongs to it, with its children. */
  processes: string;
  /** Bytes. */
  mostUsed(): number;
  close(): void;
}

/** A cgroup with that much memory, in either version; undefined where none can be made. */
function openMemoryGroup(limit: number): MemoryGroup | undefined {
  const versions = [
    { parent: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes", most: "memory.max_usage_in_bytes" },
    { parent: "/sys/fs/cgroup", limit: "memory.max", most: "memory.peak" },
  ];
  for (const names of versions) {
    const folder = join(names.parent, `bellhop-deploy-${process.pid}`);
    try {
      if (!existsSync(join(names.parent, "cgroup.procs"))) continue;
      mkdirSync(folder);
      writeFileSync(join(folder, names.limit), String(limit));
      const processes = join(folder, "cgroup.procs");
      appendFileSync(processes, "");
      return { processes, mostUsed: () => Number(readFileSync(join(folder, names.most), "utf8")), close: () => removeGroup(folder) };
    } catch {
      removeGroup(folder);
    }
  }
  return undefined;
}

function removeGroup(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Not made, or the last of its processes is still being buried: an empty group costs nothing.
  }
}
