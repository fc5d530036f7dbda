import { manifestFile, type Manifest, type PackProblem } from "@bellhop/pack-loader";
import type { NpmEnd } from "./npm.ts";
import type { Packed } from "./tar.ts";

/** Why there are no dependencies. */
export interface Failure {
  readonly problems: readonly PackProblem[];
  /** Whether it may go by itself: the registry is away. */
  readonly temporary: boolean;
}

/** What calls itself by a name whose scripts may run, and is something else. */
interface Impostor {
  readonly kind: "impostor";
  readonly name: string;
  readonly version: string;
}

export type Cause = Exclude<NpmEnd, { kind: "done" }> | Extract<Packed, { kind: "large" }> | Impostor;

/** What went wrong, in the words of the pack's author, at the dependency that it is about. */
export function failureOf(cause: Cause, manifest: Manifest): Failure {
  const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)];
  const told = cause.kind === "failed" ? cause.why : cause.kind === "impostor" ? cause.name : "";
  // The longest first: one name may be the beginning of another.
  const about = names.toSorted((a, b) => b.length - a.length).find((name) => told.includes(name)) ?? names[0] ?? "";
  const { message, hint, temporary = false } = wordsFor(cause);
  return { problems: [{ file: manifestFile, ...manifest.placeOf(about), message, hint }], temporary };
}

function wordsFor(cause: Cause): { message: string; hint: string; temporary?: boolean } {
  switch (cause.kind) {
    case "missing":
      return {
        message: "There is no npm to install the dependencies of this pack with.",
        hint: "It comes with Node from nodejs.org; Debian has it as npm. It is needed where packs are installed, not where they run.",
      };
    case "stopped":
      return { message: "npm was stopped before the dependencies of this pack were installed.", hint: "", temporary: true };
    case "late":
      return {
        message: `npm did not install the dependencies of this pack within ${cause.seconds} s.`,
        hint: "Is the registry slow, or far away? What it has fetched so far it has at the next try.",
        temporary: true,
      };
    case "large": {
      const size = Math.ceil(cause.bytes / 1024 / 1024);
      return { message: `The dependencies of this pack have ${size} MB; 256 MB are allowed.`, hint: "Take smaller ones, or fewer." };
    }
    case "impostor":
      return {
        message: `What this pack gets as ${cause.name} ${cause.version} is not what the registry has under that name, so its install script does not run.`,
        hint: "Its range in package.json, or the lock file, leads elsewhere. Take it from the registry, or leave its name out of packs.scripts.",
      };
    case "failed": {
      const { hint, temporary } = hintFor(cause.code);
      return { message: `npm can't install the dependencies of this pack: ${sentence(cause.why)}`, hint, temporary };
    }
  }
}

function hintFor(code: string): { hint: string; temporary: boolean } {
  const known = hints.find(({ codes }) => codes.test(code));
  return { hint: known?.hint ?? "", temporary: known?.temporary ?? false };
}

/** By npm's codes: https://docs.npmjs.com/common-errors, and Node's for connections. */
const hints: readonly { codes: RegExp; hint: string; temporary?: boolean }[] = [
  {
    codes: /^(ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|ERR_SOCKET_TIMEOUT|FETCH_ERROR|E429|E5\d\d)$/,
    hint: "Is there a network, and is `npm config get registry` the one that it should be?",
    temporary: true,
  },
  { codes: /^(E404|ETARGET|ENOVERSIONS)$/, hint: "Look at its name and version in package.json." },
  { codes: /^(E401|E403|ENEEDAUTH|EOTP)$/, hint: "npm has to log in there: `npm login`, or a token in .npmrc." },
  { codes: /^EINTEGRITY$/, hint: "It is not what the lock file says. Who changed it?" },
  { codes: /^ERESOLVE$/, hint: "Two of them want different versions of a third: `npm install` in the pack's folder says which." },
  { codes: /^(EBADPLATFORM|EBADENGINE)$/, hint: "It is not made for this machine." },
  { codes: /^ENOSPC$/, hint: "The disk is full." },
];

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
