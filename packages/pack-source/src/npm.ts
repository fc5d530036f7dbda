// oxlint-disable-next-line typescript/triple-slash-reference -- ambient modules can be imported in no other way, and who imports this file needs them too
/// <reference path="./npm.d.ts" />
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { codeOf, Problem, problem } from "@bellhop/contracts";
import { z } from "zod";
import { shownUrl } from "./spec.ts";

/** npm's settings as npm itself would have them here: .npmrc of this folder, of the person and of the machine, and npm_config_*. */
export type NpmSettings = Readonly<Record<string, unknown>>;

interface NpmPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function npmSettings({ cwd, env }: NpmPlace): Promise<NpmSettings> {
  const [{ default: Config }, { default: described }] = await Promise.all([
    import("@npmcli/config"),
    import("@npmcli/config/lib/definitions/index.js"),
  ]);
  const { definitions, shorthands, flatten } = described;
  // It writes what it found into the environment that it is given.
  const options = {
    definitions,
    shorthands,
    flatten,
    argv: [],
    env: { ...env },
    cwd,
    execPath: process.execPath,
    npmPath: dirname(process.execPath),
  };
  const config = new Config(options);
  await config.load();
  // By itself npm would wait over a minute for a network that is not there, and a quarter of an hour for a server that says nothing.
  const patience = {
    ...(config.isDefault("fetch-retry-mintimeout") ? { fetchRetryMintimeout: 1_000 } : {}),
    ...(config.isDefault("fetch-retry-maxtimeout") ? { fetchRetryMaxtimeout: 4_000 } : {}),
    ...(config.isDefault("fetch-timeout") ? { timeout: 120_000 } : {}),
  };
  // A pack is fetched once, so npm's cache is left alone.
  return { ...config.flat, ...patience, cache: undefined, preferOnline: true, silent: true };
}

const Package = z.object({
  name: z.string(),
  version: z.string(),
  _integrity: z.string().optional(),
  _resolved: z.string(),
  _signatures: z.array(z.unknown()).optional(),
  deprecated: z.union([z.string(), z.boolean()]).optional(),
});

interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity?: string;
  /** Where it lies. */
  readonly tarball: string;
  /** By the registry's own keys; `unknown`: it signs, and gives out no key that fits. */
  readonly signature: "verified" | "unsigned" | "unknown";
  readonly deprecated?: string;
}

/** What the registry has for a name and a version, range or tag. @throws Problem pack_not_found, pack_unreachable, pack_signature_invalid */
export async function findPackage({ name, wanted }: { name: string; wanted: string }, settings: NpmSettings): Promise<NpmPackage> {
  const { default: pacote } = await import("pacote");
  const spec = wanted === "*" ? name : `${name}@${wanted}`;
  const options = { ...settings, fullMetadata: true, packumentCache: new Map() };
  const { version, deprecated, ...facts } = Package.parse(
    await pacote.manifest(spec, options).catch((error: unknown) => {
      throw npmProblem(spec, error);
    }),
  );
  const isSigned = (facts._signatures?.length ?? 0) > 0;
  return {
    name: facts.name,
    version,
    tarball: facts._resolved,
    signature: isSigned ? await checkSignature(`${name}@${version}`, options) : "unsigned",
    ...(facts._integrity === undefined ? {} : { integrity: facts._integrity }),
    ...(typeof deprecated === "string" && deprecated !== "" ? { deprecated } : {}),
  };
}

async function checkSignature(spec: string, options: NpmSettings): Promise<"verified" | "unknown"> {
  const { default: pacote } = await import("pacote");
  const keys = await registryKeys(spec, options);
  if (keys === undefined) return "unknown";
  try {
    await pacote.manifest(spec, { ...options, ...keys, verifySignatures: true });
    return "verified";
  } catch (error) {
    const code = codeOf(error);
    if (code === "EMISSINGSIGNATUREKEY" || code === "EEXPIREDSIGNATUREKEY") return "unknown";
    if (code === "EINTEGRITYSIGNATURE" || code === "EMANIFESTMISMATCH")
      throw problem("pack_signature_invalid", { spec, why: reasonOf(error) }, { cause: error });
    throw npmProblem(spec, error);
  }
}

const Keys = z.object({ keys: z.array(z.looseObject({ keyid: z.string(), key: z.string(), expires: z.string().nullish() })) });

/** The keys that the registry signs with, under the name that npm's library looks for; undefined where it has none. */
async function registryKeys(spec: string, settings: NpmSettings): Promise<Record<string, unknown> | undefined> {
  const { default: fetch } = await import("npm-registry-fetch");
  const registry = fetch.pickRegistry(spec, settings);
  const found = await fetch.json("/-/npm/v1/keys", { ...settings, registry }).catch((error: unknown) => {
    if (codeOf(error) === "E404" || codeOf(error) === "E400") return undefined;
    throw npmProblem(spec, error);
  });
  const { data } = Keys.safeParse(found);
  if (data === undefined || data.keys.length === 0) return undefined;
  const { host, pathname } = new URL(registry);
  const pem = (key: string) => `-----BEGIN PUBLIC KEY-----\n${key}\n-----END PUBLIC KEY-----`;
  return { [`//${host}${pathname}:_keys`]: data.keys.map((one) => ({ ...one, pemkey: pem(one.key) })) };
}

/** Compressed, a pack of 64 MB has less. */
const largestTarball = 128 * 1024 * 1024;

/** Downloads a tarball. Its hash is checked here: of a small one, npm's library loses the error. @throws Problem pack_unreachable, pack_archive_refused */
export async function downloadTarball(
  at: { url: string; spec: string; file: string; integrity?: string },
  settings: NpmSettings,
): Promise<{ integrity: string }> {
  const { url, spec, file, integrity } = at;
  const refused = (why: string) => problem("pack_archive_refused", { spec, why });
  const save = async (stream: Readable) => {
    let size = 0;
    // By its events: to whoever iterates over a stream of npm's, an error between two chunks is lost.
    await new Promise<void>((resolve, reject) => {
      const into = createWriteStream(file, { mode: 0o600 }).on("error", reject).on("close", resolve);
      stream.on("error", reject).on("data", (chunk: Uint8Array) => {
        size += chunk.length;
        if (size <= largestTarball) return;
        reject(refused(`it has more than ${largestTarball / 1024 / 1024} MB`));
        into.destroy();
      });
      stream.pipe(into);
    });
  };
  const { default: pacote } = await import("pacote");
  await pacote.tarball.stream(url, save, settings).catch((error: unknown) => {
    throw npmProblem(spec, error);
  });
  const [, algorithm = "sha512", wanted] = /^(sha\d+)-([\w+/=]+)/.exec(integrity ?? "") ?? [];
  const found = await hashOf(file, algorithm);
  if (wanted !== undefined && found !== wanted) throw refused("what came is not what the registry promised (its hash differs)");
  return { integrity: `${algorithm}-${found}` };
}

/** In base64, as npm has it. */
export async function hashOf(file: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  const chunks: AsyncIterable<Uint8Array> = createReadStream(file);
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("base64");
}

const Found = z.object({
  objects: z.array(
    z.object({
      package: z.looseObject({
        name: z.string(),
        version: z.string(),
        description: z.string().nullish(),
        keywords: z.array(z.string()).nullish(),
      }),
    }),
  ),
});

interface FoundPackage {
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

/** Packages that call themselves packs, by the registry's own search. @throws Problem pack_unreachable */
export async function searchPackages(words: readonly string[], settings: NpmSettings): Promise<FoundPackage[]> {
  const { default: fetch } = await import("npm-registry-fetch");
  const query = new URLSearchParams({ text: ["keywords:bellhop-pack", ...words].join(" "), size: "50" });
  const found = await fetch.json(`/-/v1/search?${query.toString()}`, settings).catch((error: unknown) => {
    const suggestion = "Packages that are known by name can be installed all the same.";
    if (codeOf(error) === "E404") throw problem("pack_unreachable", { spec: "The answer", why: "this registry has no search", suggestion });
    throw npmProblem("The answer", error);
  });
  return Found.parse(found).objects.map(({ package: { name, version, description } }) => ({
    name,
    version,
    description: description ?? "",
  }));
}

/** The text of a small file on the web, as npm reaches it: proxies, certificates. @throws Problem pack_unreachable */
export async function fetchText(url: string, settings: NpmSettings): Promise<string> {
  const { default: fetch } = await import("npm-registry-fetch");
  try {
    return await (await fetch(url, settings)).text();
  } catch (error) {
    throw npmProblem(shownUrl(url), error);
  }
}

function npmProblem(spec: string, error: unknown): unknown {
  if (error instanceof Problem) return error;
  const code = codeOf(error);
  const why = reasonOf(error);
  if (code === "E404") {
    const suggestion = "Is the name right, and the registry (`npm config get registry`)? What is private needs its token in .npmrc.";
    return problem("pack_not_found", { spec, why: "there is nothing of that name", suggestion }, { cause: error });
  }
  if (code === "ETARGET" || code === "ENOVERSIONS") {
    const suggestion = `\`npm view ${spec.replace(/(?<=.)@.*/, "")} versions\` lists those that there are.`;
    return problem("pack_not_found", { spec, why: "it has no such version", suggestion }, { cause: error });
  }
  const suggestion =
    code === "E401" || code === "E403"
      ? "The server wants somebody it knows: put a token for it into .npmrc (`npm login`)."
      : "See that this machine reaches it (`npm ping`; behind a proxy, `npm config set https-proxy`), then try again.";
  return problem("pack_unreachable", { spec, why, suggestion }, { cause: error });
}

/** One line, with no credentials in its addresses. */
function reasonOf(error: unknown): string {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return line.replace(/https?:\/\/\S+/g, shownUrl).replace(/\.$/, "");
}
