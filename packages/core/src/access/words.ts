import type { AccessChange } from "@bellhop/contracts";
import { code } from "../reply/words.ts";
import type { Policy, Rule } from "./may-run.ts";
import { overlaps, parseWhat } from "./what.ts";
import { mayCover, parseWho, type Who } from "./who.ts";

/** Whom a rule is for, in words. */
export function whoWords(who: Who): string {
  switch (who.kind) {
    case "everyone":
      return "everyone";
    case "platform":
      return `everyone on ${who.platform} (${code(who.text)})`;
    case "space":
      return `everyone of ${who.platform} ${who.space} (${code(who.text)})`;
    case "room":
      return `everyone in ${code(who.text)}`;
    case "person":
      return code(who.text);
  }
}

/** Where a rule comes from. */
function originWords({ from }: Rule): string {
  if (from.kind === "file") return "from bellhop.yaml";
  const { by, name, at } = from.rule;
  return `from chat, by ${saidBy({ by, name })}, ${moment(at)}`;
}

export function ruleWords(rule: Rule): string {
  return `${code(rule.what.text)} for ${whoWords(rule.who)} (rule ${rule.name}, ${originWords(rule)})`;
}

/** The list as owners see it. */
export function listWords(policy: Policy): string {
  const owners = [...policy.owners].toSorted().map(code);
  const lines = policy.rules.map((rule) => `- ${rule.name}: ${whoWords(rule.who)} may run ${code(rule.what.text)}, ${originWords(rule)}`);
  const known = `Owners may run everything: ${[...owners, "whoever types at the terminal"].join(", ")}.`;
  const rules = lines.length === 0 ? ["Nobody else may run anything. `allow @SOMEBODY PACK.*` makes a rule."] : lines;
  return [known, ...rules].join("\n");
}

/** Who changed the list lately. */
export function changesWords(policy: Policy): string {
  const changes = (policy.changes ?? []).filter(({ rules }) => rules.length > 0).slice(-20);
  if (changes.length === 0) return "Nobody has changed the list from a chat.";
  return changes.map((change) => `- ${moment(change.at)}, ${saidBy(change)}: ${changeWords(change)}`).join("\n");
}

/** What became of a wish: what was done, and what still stands beside it.
 *  @param at.policy with the change in it
 *  @param at.wish the texts that were asked for */
export function doneWords(at: {
  change: AccessChange;
  policy: Policy;
  wish: { who: string; what: readonly string[] } | undefined;
}): string {
  const { change, policy, wish } = at;
  const done = change.rules.length === 0 ? [] : [`${capital(changeWords(change))}.`];
  if (wish === undefined) return `${done.join("")}${leftWords(change.rules, policy)}`;
  const { who, what } = wish;
  const others = what.filter((text) => !change.rules.some((rule) => rule.what === text));
  const texts = others.map(code).join(", ");
  if (change.kind === "allow") {
    if (others.length > 0) done.push(`${capital(whoOf(who))} may run ${texts} already.`);
    return done.join(" ");
  }
  if (others.length > 0) done.push(`No rule from a chat is for ${whoOf(who)} and exactly ${texts}.`);
  return `${done.join(" ")}${leftWords(
    what.map((text) => ({ who, what: text })),
    policy,
  )}`;
}

function changeWords({ kind, rules }: AccessChange): string {
  if (kind === "allow") return rules.map(({ number, who, what }) => `${whoOf(who)} may run ${code(what)} (rule ${number})`).join(", ");
  return `taken back: ${rules.map(({ number, who, what }) => `rule ${number}, ${code(what)} for ${whoOf(who)}`).join("; ")}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A rule that is gone forbids nothing: whoever took it back has to know what still allows the same. */
function leftWords(gone: readonly { who: string; what: string }[], policy: Policy): string {
  const left = policy.rules.filter((rule) =>
    gone.some(({ who, what }) => {
      const [person, thing] = [parseWho(who), parseWhat(what)];
      return person.kind === "ok" && thing.kind === "ok" && mayCover(rule.who, person.who) && overlaps(rule.what, thing.what);
    }),
  );
  if (left.length === 0) return "";
  const lines = left.slice(0, 10).map((rule) => `- ${ruleWords(rule)}`);
  const more = left.length > 10 ? [`- and ${left.length - 10} more: \`access\` lists them`] : [];
  return ["\nWhat else may still allow it:", ...lines, ...more].join("\n");
}

function whoOf(text: string): string {
  const read = parseWho(text);
  return read.kind === "ok" ? whoWords(read.who) : code(text);
}

function saidBy({ by, name }: { by: string; name?: string | undefined }): string {
  return name === undefined ? code(by) : `${name} (${code(by)})`;
}

function moment(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}
