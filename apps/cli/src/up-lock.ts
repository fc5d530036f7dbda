import { randomBytes } from "node:crypto";
import { readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "@bellhop/contracts";
import { isGone, processIdentity, type ProcessIdentity } from "@bellhop/service";
import { z } from "zod";
import { createFile, replaceFile } from "./atomic-file.ts";

const pollMs = 50;

/** Who runs in a folder: `up.json`. */
const Holder = z.object({
  v: z.literal(1),
  /** New for each holding, so that one is never taken for another. */
  id: z.string(),
  pid: z.int(),
  process: z.object({ boot: z.string(), pid: z.int(), started: z.string() }).optional(),
  state: z.enum(["starting", "ready", "stopping"]),
  url: z.string().optional(),
  since: z.iso.datetime(),
});
export type Holder = z.infer<typeof Holder>;

export interface UpLock {
  readonly holder: Holder;
  /** Tells those who wait that they can join. */
  ready(url: string): Promise<void>;
  /** Nobody can join any more: they wait until the folder is free. Whoever joined just before has looked again since: see {@link mayStillJoin}. */
  closing(): Promise<void>;
  release(): Promise<void>;
}

export type Entry = { kind: "mine"; lock: UpLock } | { kind: "theirs"; holder: Holder };

/** One `up` per folder: either takes the folder, also from one that was killed, or waits until its holder is ready to be joined. */
export async function enterFolder(folder: string, onWait: (holder: Holder) => void = () => {}): Promise<Entry> {
  let told = false;
  for (;;) {
    const mine = newHolder();
    if (await take(folder, mine)) return { kind: "mine", lock: lockOf(folder, mine) };
    const holder = await readHolder(folder);
    if (holder?.state === "ready" && !isOver(holder)) return { kind: "theirs", holder };
    if (holder !== undefined && !told) {
      onWait(holder);
      told = true;
    }
    await sleep(pollMs);
  }
}

/** Who runs in this folder and is ready; undefined where nobody is. */
export async function runningIn(folder: string): Promise<Holder | undefined> {
  const holder = await readHolder(folder);
  return holder === undefined || isOver(holder) ? undefined : holder;
}

/** Whether the holder that was joined is still there and means to stay. */
export async function mayStillJoin(folder: string, joined: Holder): Promise<boolean> {
  const holder = await readHolder(folder);
  return holder?.id === joined.id && holder.state === "ready" && !isOver(holder);
}

export function isOver(holder: Holder): boolean {
  if (holder.process !== undefined) return isGone(holder.process satisfies ProcessIdentity);
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

/** Creating `up.json` takes a free folder. One whose holder is over goes to whoever creates the file that names the successor of that holder, and a
 *  successor that died on the way has a successor itself. Only under that file, and only while `up.json` still names the dead holder, is it replaced: so a
 *  slow reader of an old `up.json` never displaces a living one. */
async function take(folder: string, mine: Holder): Promise<boolean> {
  const path = lockFile(folder);
  if (await createFile(path, JSON.stringify(mine))) return true;
  const dead = await readHolder(folder);
  if (dead === undefined || !isOver(dead)) return false;
  const claims: string[] = [];
  for (let before = dead; ;) {
    const claim = join(folder, `up.after.${before.id}.json`);
    claims.push(claim);
    if (await createFile(claim, JSON.stringify(mine))) break;
    const other = await read(claim);
    if (other === undefined || !isOver(other)) return false;
    before = other;
  }
  const won = (await readHolder(folder))?.id === dead.id;
  if (won) await replaceFile(path, JSON.stringify(mine));
  for (const claim of won ? claims : claims.slice(-1)) await unlink(claim).catch(() => {});
  return won;
}

function lockOf(folder: string, holder: Holder): UpLock {
  const path = lockFile(folder);
  let last = holder;
  const write = async (changes: Partial<Holder>) => {
    last = { ...last, ...changes };
    await replaceFile(path, JSON.stringify(last));
  };
  return {
    holder,
    ready: (url) => write({ state: "ready", url }),
    closing: () => write({ state: "stopping" }),
    async release() {
      if ((await read(path))?.id === holder.id) await unlink(path);
    },
  };
}

function newHolder(): Holder {
  const identity = processIdentity();
  return {
    v: 1,
    id: randomBytes(8).toString("hex"),
    pid: process.pid,
    ...(identity === undefined ? {} : { process: identity }),
    state: "starting",
    since: new Date().toISOString(),
  };
}

function lockFile(folder: string): string {
  return join(folder, "up.json");
}

async function readHolder(folder: string): Promise<Holder | undefined> {
  return read(lockFile(folder));
}

async function read(path: string): Promise<Holder | undefined> {
  try {
    return Holder.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}
