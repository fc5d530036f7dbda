// An npm registry for one test, which the unmodified npm, pnpm and pacote publish to and install from. What it answers follows
// https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md (documents, search) and https://docs.npmjs.com/about-registry-signatures (keys, signatures).
// That a version can't be published twice is https://docs.npmjs.com/policies/unpublish; its status (403) is what npm's own client is written for.
// Not verified: the wording of npmjs.com's refusals, its limits of rate and size, two factors, provenance and access to scopes.
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join, relative } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync, gzipSync } from "node:zlib";
import { packTar, unpackTar, type TarEntry } from "modern-tar";
import { listen } from "../listen.ts";
import { Manifest, Publication, Shelf } from "./shelf.ts";

interface RegistryOptions {
  /** Whether it signs what is published, and says with which key; it does unless told. */
  signs?: boolean;
}

export interface TestRegistry {
  /** On loopback, with a slash at its end. */
  readonly url: string;
  /** The text of an .npmrc: this registry for everything, and the right to publish. */
  readonly npmrc: string;
  /** What was asked, in order: `GET /@acme/pack-deploy`. */
  readonly requests: readonly string[];
  /** Puts an installed package on the shelf as it lies in its folder, `node_modules` apart: what a test needs of others' packages without a network. */
  addFolder(folder: string): Promise<void>;
  /** Puts a tarball on the shelf, as if its owner had published it. */
  add(tarball: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export async function startRegistry({ signs = true }: RegistryOptions = {}): Promise<TestRegistry> {
  const token = randomUUID();
  const requests: string[] = [];
  const server = createServer();
  const port = await listen(server);
  const url = `http://127.0.0.1:${port}/`;
  const shelf = new Shelf({ address: url, signs });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${decodeURIComponent(request.url ?? "/")}`);
    const answering = answer({ request, shelf, token });
    void answering.then(
      ({ status, body }) =>
        response.writeHead(status, { "content-type": contentType(body) }).end(Buffer.isBuffer(body) ? body : JSON.stringify(body)),
      (error: unknown) => response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error: String(error) })),
    );
  });

  const add = async (tarball: Uint8Array) => {
    const manifest = await manifestIn(tarball);
    if (!shelf.put({ manifest, tarball: Buffer.from(tarball), tags: ["latest"] }))
      throw new Error(`${manifest.name} ${manifest.version} is there already`);
  };
  return {
    url,
    npmrc: `registry=${url}\n//127.0.0.1:${port}/:_authToken=${token}\n`,
    requests,
    add,
    async addFolder(folder) {
      await add(gzipSync(await packTar(await entriesOf(folder)), { level: 1 }));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Answer {
  status: number;
  body: object | Buffer;
}

const notFound: Answer = { status: 404, body: { error: "Not found" } };

async function answer({ request, shelf, token }: { request: IncomingMessage; shelf: Shelf; token: string }): Promise<Answer> {
  const url = new URL(request.url ?? "/", "http://registry");
  const path = decodeURIComponent(url.pathname).slice(1);
  if (request.method === "PUT") {
    if (request.headers.authorization !== `Bearer ${token}`)
      return { status: 401, body: { error: "You must be logged in to publish packages." } };
    return publish(shelf, Publication.parse(JSON.parse((await buffer(request)).toString("utf8"))));
  }
  if (path === "-/ping" || path === "-/whoami") return { status: 200, body: { username: "owner" } };
  if (path === "-/npm/v1/keys") return shelf.keys().length === 0 ? notFound : { status: 200, body: { keys: shelf.keys() } };
  // Nothing on this shelf is known to be vulnerable.
  if (path === "-/npm/v1/security/advisories/bulk") return { status: 200, body: {} };
  if (path === "-/v1/search") {
    const found = shelf.search(url.searchParams.get("text") ?? "");
    const from = Number(url.searchParams.get("from") ?? 0);
    const objects = found
      .slice(from, from + Number(url.searchParams.get("size") ?? 20))
      .map((one) => ({ ...one, score: { final: 1 }, searchScore: 1 }));
    return { status: 200, body: { objects, total: found.length, time: new Date().toISOString() } };
  }
  const [, name = "", rest] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (rest?.startsWith("-/")) {
    const tarball = shelf.tarballOf(name, rest.slice(2));
    return tarball === undefined ? notFound : { status: 200, body: tarball };
  }
  if (rest === undefined) {
    const document = shelf.documentOf(name);
    return document === undefined ? notFound : { status: 200, body: document };
  }
  const entry = shelf.entries.get(name);
  const version = entry?.versions.get(entry.tags[rest] ?? rest);
  return version === undefined ? notFound : { status: 200, body: version.manifest };
}

function publish(shelf: Shelf, publication: Publication): Answer {
  const [manifest] = Object.values(publication.versions);
  const [attachment] = Object.values(publication._attachments);
  if (manifest === undefined || attachment === undefined) return { status: 400, body: { error: "there is no version, or no tarball" } };
  const tags = Object.keys(publication["dist-tags"]);
  const put = shelf.put({ manifest, tarball: Buffer.from(attachment.data, "base64"), tags });
  if (put) return { status: 201, body: { success: true } };
  return { status: 403, body: { error: `You cannot publish over the previously published versions: ${manifest.version}.` } };
}

/** File by file: where pnpm has linked files that are the same, a tarball with links in it would lose one of them to npm. */
async function entriesOf(folder: string): Promise<TarEntry[]> {
  const found = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = found.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const own = paths.filter((path) => !/(^|\/)node_modules\//.test(path));
  return await Promise.all(
    own.map(async (path): Promise<TarEntry> => {
      const body = await readFile(join(folder, path));
      return { header: { name: `package/${path}`, size: body.length, type: "file" }, body };
    }),
  );
}

async function manifestIn(tarball: Uint8Array): Promise<Manifest> {
  const files = await unpackTar(gunzipSync(tarball), { filter: (header) => header.name === "package/package.json" });
  const manifest = files[0]?.data;
  if (manifest === undefined) throw new Error("there is no package/package.json in this tarball");
  return Manifest.parse(JSON.parse(new TextDecoder().decode(manifest)));
}

function contentType(body: object): string {
  return Buffer.isBuffer(body) ? "application/octet-stream" : "application/json";
}
