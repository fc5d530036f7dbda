/** What a rule lets somebody run: actions (`linux.*`, `core.echo`), aliases (`alias:core.echo`), or everything (`*`). `text` is its one
 *  spelling. */
export type What = { readonly text: string } & (
  | { readonly kind: "everything" }
  | { readonly kind: "action" | "alias"; readonly pack: Glob; readonly name: Glob }
);

/** Text with at most one `*` in it, so that matching is two comparisons. Without `suffix` it stands for itself. */
interface Glob {
  readonly prefix: string;
  readonly suffix?: string;
}

/** Something that is to be run: `action` is its reference, `alias` that of the alias it was called by. */
export interface Target {
  readonly action: string;
  readonly alias?: string;
}

type WhatRead = { kind: "ok"; what: What } | { kind: "fault"; why: string };

/** Reads what an access rule is about: `*`, `PACK.ACTION` or `alias:PACK.ALIAS`, with wildcards. */
export function parseWhat(text: string): WhatRead {
  if (text === "*") return { kind: "ok", what: { kind: "everything", text } };
  if (text.length > longest) return { kind: "fault", why: `it is longer than ${longest} characters` };
  const [, alias, pack, name] = /^(alias:)?([A-Za-z0-9_*-]+)\.([A-Za-z0-9_.*-]+)$/.exec(text) ?? [];
  if (pack === undefined || name === undefined) return { kind: "fault", why: "it is not PACK.ACTION" };
  const [packGlob, nameGlob] = [globOf(pack), globOf(name)];
  if (packGlob === undefined || nameGlob === undefined)
    return { kind: "fault", why: "one * before and one after the first dot are enough" };
  return { kind: "ok", what: { kind: alias === undefined ? "action" : "alias", text, pack: packGlob, name: nameGlob } };
}

export function isWhat(what: What, target: Target): boolean {
  if (what.kind === "everything") return true;
  const ref = what.kind === "action" ? target.action : target.alias;
  const dot = ref?.indexOf(".") ?? -1;
  return ref !== undefined && dot > 0 && fits(what.pack, ref.slice(0, dot)) && fits(what.name, ref.slice(dot + 1));
}

/** Whether something could be meant by both. */
export function overlaps(a: What, b: What): boolean {
  if (a.kind === "everything" || b.kind === "everything") return true;
  return a.kind === b.kind && meet(a.pack, b.pack) && meet(a.name, b.name);
}

const longest = 100;

function globOf(text: string): Glob | undefined {
  const [prefix = "", suffix, more] = text.split("*");
  if (more !== undefined) return undefined;
  return suffix === undefined ? { prefix } : { prefix, suffix };
}

function fits({ prefix, suffix }: Glob, text: string): boolean {
  if (suffix === undefined) return text === prefix;
  return text !== "" && text.length >= prefix.length + suffix.length && text.startsWith(prefix) && text.endsWith(suffix);
}

function meet(a: Glob, b: Glob): boolean {
  if (a.suffix === undefined) return fits(b, a.prefix);
  if (b.suffix === undefined) return fits(a, b.prefix);
  const prefixes = a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix);
  return prefixes && (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix));
}
