// What is used of npm's own libraries that publish no types. They are CommonJS, so all they have is their default export.

declare module "pacote" {
  import type { Readable } from "node:stream";
  const pacote: {
    /** What the registry says of one version. */
    manifest(spec: string, options: object): Promise<unknown>;
    tarball: {
      /** @param handler called again with a fresh stream where the first one was damaged */
      stream<Result>(spec: string, handler: (stream: Readable) => Promise<Result>, options: object): Promise<Result>;
    };
  };
  export default pacote;
}

declare module "npm-registry-fetch" {
  interface RegistryFetch {
    (url: string, options: object): Promise<{ text(): Promise<string> }>;
    json(url: string, options: object): Promise<unknown>;
    pickRegistry(spec: string, options: object): string;
  }
  const fetch: RegistryFetch;
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
