import { randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { promptAccount } from "@bellhop/contracts";
import { isGone, processIdentity } from "@bellhop/service";
import { z } from "zod";
import { personHere } from "./adapter.ts";

/** What one prompt asked and showed, on disk: `prompts/<account>.jsonl`. The next prompt reads in it what an earlier one, killed perhaps, still owed
 *  its person, and what that person has seen already. Holds keys only, never what was typed. */
export interface Journal {
  readonly account: string;
  /** Keys of what was asked and not yet answered. */
  readonly open: ReadonlySet<string>;
  /** Before the ask is stored anywhere else. */
  asked(key: string): void;
  /** It is surely stored elsewhere, so an answer will come. */
  stored(key: string): void;
  answered(key: string): void;
  /** Right after the words left for the terminal. */
  shown(words: string): void;
  wasShown(words: string): boolean;
  remove(): void;
}

const Line = z.union([
  z.object({ process: z.object({ boot: z.string(), pid: z.int(), started: z.string() }).optional(), at: z.iso.datetime() }),
  z.object({ asked: z.string() }),
  z.object({ stored: z.string() }),
  z.object({ answered: z.string() }),
  z.object({ shown: z.string() }),
]);
type Line = z.infer<typeof Line>;

/** What was asked in the last moment of a killed prompt may never have been stored: its answer is waited for this long only. */
const unsureMs = 10 * 60_000;
/** As long as receipts are kept: an older reply can't be told from one that was shown. */
const keptMs = 8 * 86_400_000;

/** Opens the journal of a new prompt under an account of its own. */
export function newJournal(folder: string, reader: "person" | "program"): Journal {
  const account = promptAccount(reader, { id: randomBytes(6).toString("hex"), person: personHere().id });
  mkdirSync(join(folder, "prompts"), { recursive: true, mode: 0o700 });
  const journal = open(folder, account, []);
  const process = processIdentity();
  journal.write({ ...(process === undefined ? {} : { process }), at: new Date().toISOString() });
  return journal;
}

/** The journals of prompts that are over and were not removed: something may still come for them. */
export function journalsOfTheDead(folder: string): Journal[] {
  const found: Journal[] = [];
  for (const { account, head, lines, lastWritten } of readAll(folder)) {
    if (head.process !== undefined && !isGone(head.process)) continue;
    const journal = open(folder, account, lines);
    const sure = new Set(lines.flatMap((line) => ("stored" in line ? [line.stored] : [])));
    if (Date.now() - lastWritten > unsureMs) for (const key of journal.open) if (!sure.has(key)) journal.answered(key);
    if (Date.now() - Date.parse(head.at) > keptMs) journal.remove();
    else found.push(journal);
  }
  return found;
}

/** Accounts of the prompts that are open in this folder now. */
export function openPrompts(folder: string): string[] {
  return readAll(folder)
    .filter(({ head }) => head.process !== undefined && !isGone(head.process))
    .map(({ account }) => account);
}

type Head = Extract<Line, { at: string }>;

/** Without a head its prompt was killed before it asked anything, or is just being born. */
function readAll(folder: string): { account: string; head: Head; lines: Line[]; lastWritten: number }[] {
  let names: string[];
  try {
    names = readdirSync(join(folder, "prompts"));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const account = /^([ps]-[\w-]+)\.jsonl$/.exec(name)?.[1];
    if (account === undefined) return [];
    const path = join(folder, "prompts", name);
    const lines = readLines(path);
    const head = lines.find((line) => "at" in line);
    const lastWritten = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return head === undefined ? [] : [{ account, head, lines, lastWritten }];
  });
}

function open(folder: string, account: string, lines: readonly Line[]): Journal & { write(line: Line): void } {
  const path = join(folder, "prompts", `${account}.jsonl`);
  const unanswered = new Set<string>();
  const seen = new Set<string>();
  const apply = (line: Line) => {
    if ("asked" in line) unanswered.add(line.asked);
    if ("answered" in line) unanswered.delete(line.answered);
    if ("shown" in line) seen.add(line.shown);
  };
  for (const line of lines) apply(line);
  const write = (line: Line) => {
    apply(line);
    appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  };
  return {
    account,
    open: unanswered,
    write,
    asked: (key) => write({ asked: key }),
    stored: (key) => write({ stored: key }),
    answered: (key) => unanswered.has(key) && write({ answered: key }),
    shown: (words) => write({ shown: words }),
    wasShown: (words) => seen.has(words),
    remove: () => rmSync(path, { force: true }),
  };
}

function readLines(path: string): Line[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      return [Line.parse(JSON.parse(line))];
    } catch {
      // The last line of a killed prompt may be cut off.
      return [];
    }
  });
}
