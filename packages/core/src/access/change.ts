import { identityOf, problem, type AccessChange, type AccessList, type AccessRule, type Person, type Problem } from "@bellhop/contracts";

/** What an owner wants of the list. Texts as `parseWho` and `parseWhat` write them. */
export type AccessWish =
  | { kind: "allow" | "deny"; who: string; what: readonly string[] }
  /** `number` of the rule. */
  | { kind: "remove"; number: number };

/** `next` is what the list becomes; absent: this message was heard before, and the list stays as it is. `change` is what was done. */
type AccessDecision = { kind: "done"; change: AccessChange; next?: AccessList } | { kind: "refused"; problem: Problem };

/** Rules and changes that the list holds: it is one record, and stays far below what a message may weigh. */
export const rulesAtMost = 500;
const changesAtMost = 100;

/** Changes the list. The same message changes it once, however often it is heard. `deny` takes back exactly the rules it names: it forbids
 *  nothing, and another rule may still allow the same.
 *  @param at.message key of the message that says so
 *  @param at.at when it was stored, ISO 8601 */
export function decideAccess(
  list: AccessList | undefined,
  at: { wish: AccessWish; by: Person; message: string; at: string },
): AccessDecision {
  const { rules, changes, next }: AccessList = list ?? { v: 1, next: 1, rules: [], changes: [] };
  const heard = changes.find((change) => change.message === at.message);
  if (heard !== undefined) return { kind: "done", change: heard };
  const by = { by: identityOf(at.by), ...(at.by.name === undefined ? {} : { name: at.by.name.slice(0, 80) }), at: at.at };
  const concerned = wished(at.wish, { rules, next });
  const added: AccessRule[] = at.wish.kind === "allow" ? concerned.map((rule) => ({ ...rule, ...by })) : [];
  if (rules.length + added.length > rulesAtMost && added.length > 0) {
    return { kind: "refused", problem: problem("access_full", { count: rules.length }) };
  }
  const removed = new Set(at.wish.kind === "allow" ? [] : concerned.map(({ number }) => number));
  const change: AccessChange = { message: at.message, kind: at.wish.kind, ...by, rules: concerned };
  return {
    kind: "done",
    change,
    next: {
      v: 1,
      next: next + added.length,
      rules: [...rules.filter(({ number }) => !removed.has(number)), ...added],
      changes: [...changes, change].slice(-changesAtMost),
    },
  };
}

/** The rules to add, or to take back. */
function wished(wish: AccessWish, { rules, next }: Pick<AccessList, "rules" | "next">): AccessChange["rules"] {
  if (wish.kind === "remove") return rules.filter(({ number }) => number === wish.number).map(short);
  const { who } = wish;
  const what = [...new Set(wish.what)];
  if (wish.kind === "deny") return rules.filter((rule) => rule.who === who && what.includes(rule.what)).map(short);
  const missing = what.filter((text) => !rules.some((rule) => rule.who === who && rule.what === text));
  return missing.map((text, index) => ({ number: next + index, who, what: text }));
}

function short({ number, who, what }: AccessRule): AccessChange["rules"][number] {
  return { number, who, what };
}
