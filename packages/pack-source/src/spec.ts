import { problem } from "@bellhop/contracts";
import npa from "npm-package-arg";

/** Where a pack is to come from. `spec` is what was asked for, without credentials. */
export type Source = { readonly spec: string } & (
  | { readonly kind: "npm"; readonly name: string; /** A version, a range or a tag. */ readonly wanted: string; readonly bare: boolean }
  | { readonly kind: "tarball"; /** A path, or a URL. */ readonly at: string }
  | GitSource
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "exchange"; readonly name: string; readonly version?: string }
);

export interface GitSource {
  readonly kind: "git";
  readonly url: string;
  /** A branch, a tag or a commit; a range of versions that tags have. */
  readonly at:
    | { readonly kind: "head" }
    | { readonly kind: "ref"; readonly ref: string }
    | { readonly kind: "range"; readonly range: string };
  /** Where in the repository the pack lies. */
  readonly folder?: string;
}

/** What a spec means: npm's own rules, and four of ours. `exchange:NAME[@VERSION]` and `NAME=VERSION` are StackStorm's Exchange, `npm:`, `tarball:` and `folder:` in
 *  front say which, as allow-lists do; a path with a slash that is a folder here is that folder, and a URL that ends in .git is git. Whether a bare name is the Exchange's is
 *  seen in its index.
 *  @param at.isFolder whether there is a folder of this path
 *  @throws Problem pack_spec_unclear */
export function readSpec(text: string, at: { cwd: string; isFolder: (path: string) => boolean }): Source {
  const [, kind, named] = /^(tarball|folder):(.+)$/.exec(text) ?? [];
  if (named !== undefined) {
    const source = readSpec(named, at);
    if (source.kind !== kind) throw unclear(text, `${named} is no ${kind ?? ""}`);
    return source;
  }
  const [, exchanged, version] = /^exchange:([\w-]+)(?:[@=](.+))?$/.exec(text) ?? /^([\w-]+)=([\w.+-]+)$/.exec(text) ?? [];
  if (exchanged !== undefined) return { kind: "exchange", spec: text, name: exchanged, ...(version === undefined ? {} : { version }) };
  if (text.startsWith("exchange:")) throw unclear(text, "an Exchange name has letters, digits, - and _ only");
  const forced = /^npm:(.+)$/.exec(text)?.[1];
  const slashed = /\/(?:\.\.?)?$|^[^:@]+\/[^:@]*$/.test(text) && !text.startsWith("@");
  const parsed = parse(forced ?? (slashed && at.isFolder(text) && !/^[./~]/.test(text) ? `./${text}` : asGit(text)), at.cwd);
  if (forced !== undefined && !isRegistry(parsed)) throw unclear(text, "npm: stands before a package's name");
  switch (parsed.type) {
    case "version":
    case "range":
    case "tag": {
      const { name, fetchSpec } = parsed;
      if (name == null) throw unclear(text, "it has no name");
      return { kind: "npm", spec: text, name, wanted: fetchSpec ?? "*", bare: forced === undefined && !name.startsWith("@") };
    }
    case "file":
      return { kind: "tarball", spec: text, at: parsed.fetchSpec ?? text };
    case "remote": {
      const url = checkedUrl(text, parsed.fetchSpec ?? text);
      return { kind: "tarball", spec: shownUrl(url), at: url };
    }
    case "directory":
      return { kind: "folder", spec: text, path: parsed.fetchSpec ?? text };
    case "git":
      return gitSource(text, parsed);
    case "alias":
      throw unclear(text, "it gives a package another name; leave that out");
    default:
      throw unclear(text, "npm has no such kind of package");
  }
}

/** A source as the rules of an allow-list name it: `npm:@acme/pack-deploy`, `git:https://host/owner/repository`, `folder:/srv/packs/deploy`. */
export function sourceName(source: Source): string {
  switch (source.kind) {
    case "npm":
    case "exchange":
      return `${source.kind}:${source.name}`;
    case "tarball":
      return `tarball:${/^https?:/.test(source.at) ? shownUrl(source.at) : source.at}`;
    case "git":
      return `git:${shownUrl(gitUrl(source.url))
        .replace(/\.git$/, "")
        .replace(/\/$/, "")}`;
    case "folder":
      return `folder:${source.path}`;
  }
}

/** A URL without credentials, query and fragment: fit for records and terminals. What is no URL stays. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.protocol !== "ssh:" && url.protocol !== "git+ssh:") url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  return url.href;
}

/** What npm says of a spec; its published types are older. */
type Parsed = Omit<npa.Result, "hosted"> & { gitSubdir?: string; hosted?: Hosted };
interface Hosted {
  type: string;
  default: string;
  user?: string | null;
  project?: string;
  https(options: object): string;
  sshurl(options: object): string;
}

function parse(text: string, cwd: string): Parsed {
  try {
    return npa(text, cwd) as Parsed;
  } catch (error) {
    throw unclear(text, error instanceof Error ? error.message : String(error));
  }
}

function isRegistry({ type }: Parsed): boolean {
  return type === "version" || type === "range" || type === "tag";
}

/** To npm, https is a tarball's, whatever it ends in. */
function asGit(text: string): string {
  return /^https?:\/\/[^#?]+\.git(?:#.*)?$/.test(text) ? `git+${text}` : text;
}

function gitSource(text: string, { hosted, fetchSpec, gitCommittish, gitRange, gitSubdir }: Parsed): Source {
  // Of a gist nobody need name the owner.
  if (hosted !== undefined && (!hosted.project || (!hosted.user && hosted.type !== "gist"))) throw unclear(text, "it names no repository");
  const plain = { noGitPlus: true, noCommittish: true } as const;
  const hostedUrl = hosted?.default === "sshurl" ? hosted.sshurl(plain) : hosted?.https(plain);
  const url = hostedUrl ?? fetchSpec;
  if (url == null) throw unclear(text, "it names no repository");
  const folder = gitSubdir?.replace(/^\/+|\/+$/g, "");
  if (folder?.split("/").includes("..") === true) throw unclear(text, "its path leads out of the repository");
  if (gitCommittish?.startsWith("-") === true) throw unclear(text, `${gitCommittish} is no branch, tag or commit`);
  const at: GitSource["at"] =
    gitRange != null && gitRange !== ""
      ? { kind: "range", range: decodeURIComponent(gitRange) }
      : gitCommittish == null || gitCommittish === ""
        ? { kind: "head" }
        : { kind: "ref", ref: decodeURIComponent(gitCommittish) };
  checkedUrl(text, gitUrl(url));
  const fragment = /#.*$/.exec(text)?.[0] ?? "";
  const spec = URL.canParse(text) && /^[a-z+]+:\/\//.test(text) ? `${shownUrl(text)}${fragment}` : text;
  return { kind: "git", spec, url, at, ...(folder === undefined || folder === "" ? {} : { folder }) };
}

/** `git@host:owner/repository` as a URL. */
function gitUrl(url: string): string {
  return /^[\w.-]+@[^/:]+:(?!\/\/)/.test(url) ? `ssh://${url.replace(":", "/")}` : url;
}

/** Some servers read an encoded slash as a slash, and so would come past a rule that names a path. */
function checkedUrl(text: string, url: string): string {
  if (!URL.canParse(url) || /%2f|%5c|\\/i.test(new URL(url).pathname)) throw unclear(text, "it is no plain URL");
  return url;
}

function unclear(text: string, why: string): Error {
  return problem("pack_spec_unclear", { spec: URL.canParse(text) ? shownUrl(text) : text, why });
}
