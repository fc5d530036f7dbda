import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { z } from "zod";

/** A version's package.json as it was published; what nobody here looks at passes through. */
export const Manifest = z.looseObject({
  name: z.string().min(1),
  version: z.string().min(1),
  description: z.string().optional(),
  keywords: z.array(z.string()).optional(),
});
export type Manifest = z.infer<typeof Manifest>;

/** What a client sends to publish: one version, its tarball as base64, and the tags that point to it. */
export const Publication = z.object({
  name: z.string(),
  "dist-tags": z.record(z.string(), z.string()),
  versions: z.record(z.string(), Manifest),
  _attachments: z.record(z.string(), z.object({ data: z.base64() })),
});
export type Publication = z.infer<typeof Publication>;

export interface Entry {
  readonly tags: Record<string, string>;
  readonly versions: Map<string, { manifest: Manifest; tarball: Buffer; at: string }>;
}

const owner = { username: "owner", email: "owner@example.com" };

/** Everything that was published. */
export class Shelf {
  readonly entries = new Map<string, Entry>();
  /** The registry's own key: its clients ask for the public half. */
  private readonly key = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  private readonly address: string;
  private readonly signs: boolean;

  constructor(options: { address: string; signs: boolean }) {
    this.address = options.address;
    this.signs = options.signs;
  }

  /** False where this version is there already: a version never changes. */
  put(version: { manifest: Manifest; tarball: Buffer; tags: readonly string[] }): boolean {
    const { manifest, tarball, tags } = version;
    const entry: Entry = this.entries.get(manifest.name) ?? { tags: {}, versions: new Map() };
    if (entry.versions.has(manifest.version)) return false;
    this.entries.set(manifest.name, entry);
    entry.versions.set(manifest.version, {
      manifest: { ...manifest, dist: this.distOf(manifest, tarball) },
      tarball,
      at: new Date().toISOString(),
    });
    for (const tag of tags) entry.tags[tag] = manifest.version;
    return true;
  }

  /** The document of a package: all of its versions. */
  documentOf(name: string): object | undefined {
    const entry = this.entries.get(name);
    if (entry === undefined) return undefined;
    const versions = [...entry.versions];
    return {
      _id: name,
      name,
      "dist-tags": entry.tags,
      versions: Object.fromEntries(versions.map(([version, { manifest }]) => [version, manifest])),
      time: Object.fromEntries([["modified", versions.at(-1)?.[1].at], ...versions.map(([version, { at }]) => [version, at])]),
    };
  }

  tarballOf(name: string, file: string): Buffer | undefined {
    const bare = name.split("/").at(-1) ?? "";
    return [...(this.entries.get(name)?.versions.entries() ?? [])].find(([version]) => file === `${bare}-${version}.tgz`)?.[1].tarball;
  }

  /** What fits all words; `keywords:a,b` asks for one of these keywords, as REGISTRY-API.md has it. */
  search(text: string): { package: object }[] {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return [...this.entries.values()].flatMap((entry) => {
      const latest = entry.versions.get(entry.tags["latest"] ?? "");
      if (latest === undefined) return [];
      const { name, version, description = "", keywords = [] } = latest.manifest;
      const prose = `${name} ${description} ${keywords.join(" ")}`.toLowerCase();
      const fits = words.every((word) =>
        word.startsWith("keywords:")
          ? word
              .slice("keywords:".length)
              .split(",")
              .some((one) => keywords.includes(one))
          : prose.includes(word),
      );
      return fits
        ? [{ package: { name, version, description, keywords, date: latest.at, links: {}, publisher: owner, maintainers: [owner] } }]
        : [];
    });
  }

  /** As `/-/npm/v1/keys` tells them. */
  keys(): object[] {
    if (!this.signs) return [];
    const scheme = "ecdsa-sha2-nistp256";
    return [{ expires: null, keyid: this.keyId(), keytype: scheme, scheme, key: this.publicKey().toString("base64") }];
  }

  private publicKey(): Buffer {
    return this.key.publicKey.export({ type: "spki", format: "der" });
  }

  private keyId(): string {
    return `SHA256:${createHash("sha256").update(this.publicKey()).digest("base64")}`;
  }

  private distOf({ name, version }: Manifest, tarball: Buffer): object {
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    const file = `${name.split("/").at(-1)}-${version}.tgz`;
    const sig = () => sign("sha256", Buffer.from(`${name}@${version}:${integrity}`), this.key.privateKey).toString("base64");
    return {
      integrity,
      shasum: createHash("sha1").update(tarball).digest("hex"),
      tarball: `${this.address}${name}/-/${file}`,
      ...(this.signs ? { signatures: [{ keyid: this.keyId(), sig: sig() }] } : {}),
    };
  }
}
