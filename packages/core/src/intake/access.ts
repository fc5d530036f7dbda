import { identityOf, problem, type Body, type Message, type Problem } from "@bellhop/contracts";
import type { AccessWish } from "../access/change.ts";
import { explainAccess } from "../access/explain.ts";
import { isOwner, type Policy } from "../access/may-run.ts";
import { exampleIdentity } from "../access/platforms.ts";
import { parseWhat, type Target } from "../access/what.ts";
import { resolveWho, roomOf, type Who } from "../access/who.ts";
import { changesWords, listWords } from "../access/words.ts";
import { matchAlias } from "../alias/match.ts";
import type { AccessWords } from "../builtin/access-words.ts";
import type { Catalog } from "../catalog.ts";

type AccessVerdict =
  | { kind: "answer"; body: Body; outcome: "ok" }
  | { kind: "refused"; problem: Problem }
  /** The list is to be changed so. */
  | { kind: "access"; wish: AccessWish }
  /** It is a pack's command that begins with the same word. */
  | { kind: "alias" };

interface Asked {
  catalog: Catalog;
  policy: Policy;
  message: Message;
  command: string;
}

/** What words about the access list lead to. */
export function receiveAccess(at: Asked, words: AccessWords): AccessVerdict {
  const others = matchAlias(at.catalog, at.command).kind !== "none";
  switch (words.kind) {
    case "allow":
    case "deny":
      if (others && !words.what.some((what) => parseWhat(what).kind === "ok")) return { kind: "alias" };
      return forOwners(at, `${words.kind} anything`, () => wish(at, words));
    case "remove":
      return forOwners(at, "take rules back", () => removal(at.policy, words.rule));
    case "list":
      return forOwners(at, "see who may run what", () => said(listWords(at.policy)));
    case "changes":
      return forOwners(at, "see who changed the list", () => said(changesWords(at.policy)));
    case "ask":
      return others && !/^why\b/i.test(at.command) ? { kind: "alias" } : ask(at, words);
  }
}

function forOwners({ policy, message }: Asked, what: string, then: () => AccessVerdict): AccessVerdict {
  const { author } = message;
  if (isOwner(policy, author)) return then();
  return { kind: "refused", problem: problem("access_for_owners", { person: author.name ?? identityOf(author), what }) };
}

/** A message makes or takes back so many rules at most: each stands in the record of changes. */
const wishesAtMost = 10;

function wish(at: Asked, { kind, who: whoWords, what }: Extract<AccessWords, { kind: "allow" | "deny" }>): AccessVerdict {
  const who = personOrMore(at.message, whoWords);
  if (who.kind === "refused") return who;
  if (what.length === 0) return unknownWhat("", "say what, too");
  if (what.length > wishesAtMost) return unknownWhat(what[wishesAtMost] ?? "", `${wishesAtMost} at once are enough`);
  const texts: string[] = [];
  for (const text of what) {
    const read = parseWhat(text);
    if (read.kind === "fault") return unknownWhat(text, read.why);
    texts.push(read.what.text);
  }
  return { kind: "access", wish: { kind, who: who.who.text, what: texts } };
}

function removal(policy: Policy, name: string): AccessVerdict {
  const rule = policy.rules.find((one) => one.name === name);
  if (rule?.from.kind === "file") return { kind: "refused", problem: problem("access_rule_in_file", { rule: name }) };
  // A rule that is not known here may have been made a moment ago at another engine: the list itself decides.
  if (!/^[1-9]\d{0,8}$/.test(name)) return { kind: "refused", problem: problem("access_rule_unknown", { rule: name }) };
  return { kind: "access", wish: { kind: "remove", number: Number(name) } };
}

function ask(at: Asked, { who: whoWords, what }: Extract<AccessWords, { kind: "ask" }>): AccessVerdict {
  const { policy, message } = at;
  const found = personOrMore(message, whoWords);
  if (found.kind === "refused") return found;
  const { who } = found;
  if (who.kind !== "person") return unknownWho(message, whoWords, "this can be asked of one person at a time");
  const self = who.text === identityOf(message.author);
  if (!self && !isOwner(policy, message.author)) return forOwners(at, "ask what others may run", () => ({ kind: "alias" }));
  const person = self ? message.author : who.person;
  const targets = targetsOf(at.catalog, what);
  if (targets.length === 0) {
    const suggestion = "`why can't I` takes an action, as linux.reboot, or a command, as you would say it.";
    return { kind: "refused", problem: problem("alias_unknown", { text: what.slice(0, 100), suggestion }) };
  }
  const texts = targets.map((target) => explainAccess({ policy, person, reader: message.author, target, room: roomOf(message) }));
  return said(texts.join("\n\n"));
}

/** What is asked after: an action by its name, or every alias that the command could mean. */
function targetsOf(catalog: Catalog, what: string): Target[] {
  for (const text of [what, what.replace(/^(?:run|use|say)\s+/i, "")]) {
    const read = parseWhat(text);
    if (read.kind === "ok" && read.what.kind === "action" && !text.includes("*")) return [{ action: text }];
    const match = matchAlias(catalog, text);
    const aliases =
      match.kind === "matched" || match.kind === "several"
        ? [match.alias]
        : match.kind === "ambiguous"
          ? match.candidates.map(({ alias }) => alias)
          : [];
    const targets = aliases.map(({ definition }) => ({ action: definition.action, alias: definition.ref }));
    if (targets.length > 0) return targets.slice(0, 5);
  }
  return [];
}

function personOrMore(message: Message, words: string): { kind: "ok"; who: Who } | { kind: "refused"; problem: Problem } {
  if (words === "") return unknownWho(message, "nobody", "say who");
  const read = resolveWho(words, message);
  return read.kind === "ok" ? read : unknownWho(message, words, read.why);
}

function unknownWho(message: Message, words: string, why: string): { kind: "refused"; problem: Problem } {
  const suggestion =
    `Mention the person so that the platform knows them, write an identity (${exampleIdentity(message.platform)}), \`everyone here\` or ` +
    "`everyone`. Somebody's identity stands in the answer when they say `why can't I core.echo`.";
  return { kind: "refused", problem: problem("access_who_unknown", { who: `"${words.slice(0, 100)}"`, why, suggestion }) };
}

function unknownWhat(text: string, why: string): { kind: "refused"; problem: Problem } {
  return { kind: "refused", problem: problem("access_what_unknown", { what: text === "" ? "Nothing" : `"${text.slice(0, 100)}"`, why }) };
}

function said(text: string): AccessVerdict {
  return { kind: "answer", body: { text, tone: "info" }, outcome: "ok" };
}
