import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { faultyPacks } from "../packs.ts";

/** Rules of a pack for bad weather: what they wait for, and which of them fire. */
export const eventful = {
  /** Where webhooks come in. */
  path: "storm",
  /** Of what comes there: the rules that fire, by the number that it carries. */
  rulesFor: (n: number): string[] => ["eventful.note", ...(n % 3 === 0 ? ["eventful.held"] : []), "eventful.again"],
  /** Of what that of every third runs, so many may run at once. */
  atOnce: 2,
  /** Ticks each second, of which none may be missing, and every other second, of which the latest is enough. */
  every: { trigger: "core.st2.IntervalTimer", ms: 1_000 },
  other: { trigger: "core.st2.CronTimer", ms: 2_000 },
  /** What a sensor counts, one by one. */
  number: { trigger: "counting.number" },
  /** Rules of what goes on by itself. */
  restless: ["eventful.every", "eventful.other", "eventful.number"],
} as const;

/** Writes the pack. @param at.file where its actions leave their traces
 *  @returns its folder */
export async function writeEventful({ folder, file }: { folder: string; file: string }): Promise<string> {
  const pack = join(folder, "eventful");
  for (const kind of ["rules", "policies"]) await mkdir(join(pack, kind), { recursive: true });
  const webhook = { type: "core.st2.webhook", parameters: { url: eventful.path } };
  const rule = (name: string, at: { trigger: object; action: string; word: string; criteria?: object }) => ({
    name,
    description: "For bad weather",
    enabled: true,
    trigger: at.trigger,
    criteria: at.criteria ?? {},
    action: { ref: at.action, parameters: { word: at.word, file, ms: 20 } },
  });
  const third = { "trigger.body.third": { type: "equals", pattern: true } };
  const hook = "{{ trigger.body.id }}";
  const tick = "tick {{ trigger.executed_at }}";
  const every = { type: eventful.every.trigger, parameters: { unit: "seconds", delta: 1, missed: "all" } };
  const other = { type: eventful.other.trigger, parameters: { second: "*/2" } };
  const files = {
    "pack.yaml": { name: "eventful", description: "Rules for bad weather", version: "1.0.0", author: "Bellhop" },
    "rules/note.yaml": rule("note", { trigger: webhook, action: "faulty.note", word: `note ${hook}` }),
    "rules/held.yaml": rule("held", { trigger: webhook, action: "faulty.hold", word: `held ${hook}`, criteria: third }),
    "policies/hold.yaml": {
      name: "hold",
      description: "So many at once",
      enabled: true,
      resource_ref: "faulty.hold",
      policy_type: "action.concurrency",
      parameters: { threshold: eventful.atOnce, action: "delay" },
    },
    "rules/again.yaml": rule("again", { trigger: webhook, action: "faulty.again", word: `again ${hook}` }),
    "rules/every.yaml": rule("every", { trigger: every, action: "faulty.note", word: tick }),
    "rules/other.yaml": rule("other", { trigger: other, action: "faulty.again", word: `other ${tick}` }),
    "rules/number.yaml": rule("number", {
      trigger: { type: eventful.number.trigger },
      action: "faulty.again",
      word: "number {{ trigger.n }}",
    }),
  };
  // JSON is YAML.
  for (const [path, content] of Object.entries(files)) await writeFile(join(pack, path), JSON.stringify(content, undefined, 2));
  return pack;
}

/** The packs that it leans on. */
export const packsBeside = [...faultyPacks, join(import.meta.dirname, "packs", "counting")];
