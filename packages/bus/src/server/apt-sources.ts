/** One entry of a machine's apt sources, as far as it matters here. */
interface AptSource {
  uri: string;
  suites: string[];
  components: string[];
  /** Path of the keyring that signs it, where the entry names one. */
  signedBy?: string;
}

export interface Mirror {
  uri: string;
  signedBy?: string;
}

/** Reads both spellings: one-line (`deb [options] uri suite components`) and deb822 (paragraphs of `Name: value`). */
export function parseAptSources(files: readonly { name: string; text: string }[]): AptSource[] {
  return files.flatMap(({ name, text }) => (name.endsWith(".sources") ? parseDeb822(text) : parseOneLine(text)));
}

/** The mirrors this machine already trusts for the distribution itself, most likely one first. Other vendors' repositories often use the
 *  distribution's code names too, so a path that ends in its name counts for more. */
export function mirrorsOf(sources: readonly AptSource[], os: { id: string; codename: string }): Mirror[] {
  const suites = new Set([os.codename, "stable", "testing", "unstable", "sid"]);
  const own = sources.filter(
    (one) => one.components.includes("main") && one.suites.some((suite) => suites.has(suite)) && !one.uri.startsWith("cdrom:"),
  );
  const named = own.filter((one) => isNamed(one.uri, os.id));
  const mirrors = (named.length > 0 ? named : own).map(({ uri, signedBy }): Mirror => ({
    uri,
    ...(signedBy === undefined ? {} : { signedBy }),
  }));
  return mirrors.filter((one, at) => mirrors.findIndex((other) => other.uri === one.uri) === at);
}

function isNamed(uri: string, id: string): boolean {
  const path = uri.replace(/\/+$/, "");
  return path.endsWith(`/${id}`) || path.endsWith(`/${id}-ports`) || /ports\.[^/]+$/.test(path);
}

function parseOneLine(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
    if (!match) return [];
    const [, options = "", uri = "", suite = "", components = ""] = match;
    return [source({ uri, suites: [suite], components: words(components), signedBy: /signed-by=(\S+)/.exec(options)?.[1] })];
  });
}

function parseDeb822(text: string): AptSource[] {
  const clean = text.replace(/^#.*\n?/gm, "");
  return clean.split(/\n\s*\n/).flatMap((paragraph) => {
    const field = (name: string) => new RegExp(`^${name}:((?:.*\\n?)(?:[ \\t].*\\n?)*)`, "im").exec(paragraph)?.[1]?.trim();
    if (!words(field("Types") ?? "").includes("deb") || /^no$/i.test(field("Enabled") ?? "")) return [];
    const rest = { suites: words(field("Suites") ?? ""), components: words(field("Components") ?? ""), signedBy: field("Signed-By") };
    return words(field("URIs") ?? "").map((uri) => source({ uri, ...rest }));
  });
}

/** A keyring is taken only as a file; a key that stands in the entry itself is left to the distribution's keyring. */
function source({ signedBy, ...rest }: AptSource): AptSource {
  return signedBy?.startsWith("/") ? { ...rest, signedBy: signedBy.split(/[\s,]/)[0] ?? signedBy } : rest;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
