// What is used of npm's own libraries that publish no types.

declare module "pacote" {
  import type { Readable } from "node:stream";
  /** What the registry says of one version. */
  export function manifest(spec: string, options: object): Promise<unknown>;
  export const tarball: {
    /** @param handler called again with a fresh stream where the first one was damaged */
    stream<Result>(spec: string, handler: (stream: Readable) => Promise<Result>, options: object): Promise<Result>;
  };
}

declare module "npm-registry-fetch" {
  import type { Readable } from "node:stream";
  export const json: (url: string, options: object) => Promise<unknown>;
  export function pickRegistry(spec: string, options: object): string;
  const fetch: ((url: string, options: object) => Promise<{ body: Readable }>) & { json: typeof json; pickRegistry: typeof pickRegistry };
  export default fetch;
}

declare module "@npmcli/config" {
  export default class Config {
    constructor(options: object);
    load(): Promise<void>;
    isDefault(name: string): boolean;
    readonly flat: Record<string, unknown>;
  }
}

declare module "@npmcli/config/lib/definitions/index.js" {
  const definitions: { definitions: object; shorthands: object; flatten: object };
  export default definitions;
}
