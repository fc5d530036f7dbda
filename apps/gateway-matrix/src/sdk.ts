import { createRequire, registerHooks } from "node:module";
import type { Log } from "@bellhop/service";

/** What the SDK requires when it is loaded, for parts that we never use. Its cryptography fetches a native file from elsewhere when it is installed;
 *  where it could not, the SDK would not load at all. The others are its servers, stores and HTML: 18 MB, and half the time to load. */
const leftOut: ReadonlySet<string> = new Set([
  "@matrix-org/matrix-sdk-crypto-nodejs",
  "express",
  "morgan",
  "postgres",
  "lowdb",
  "lowdb/adapters/FileSync",
  "sanitize-html",
  "html-to-text",
  "htmlencode",
]);

const hooks = registerHooks({
  resolve: (specifier, context, next) =>
    leftOut.has(specifier) ? { url: new URL("absent.ts", import.meta.url).href, shortCircuit: true } : next(specifier, context),
});
const sdk: typeof import("matrix-bot-sdk") = createRequire(import.meta.url)("matrix-bot-sdk");
hooks.deregister();

export const { MatrixClient, MatrixError } = sdk;
export type MatrixClient = InstanceType<typeof MatrixClient>;

/** The SDK's own lines, for those who look closely: whatever matters is told by us. */
export function quietSdk(log: Log): void {
  const say = (module: string, ...words: unknown[]) => log.debug({ sdk: `${module}: ${words.map(textOf).join(" ")}` }, "matrix sdk");
  sdk.LogService.setLogger({ info: say, warn: say, error: say, debug: () => {}, trace: () => {} });
}

function textOf(word: unknown): string {
  if (typeof word === "string") return word;
  return word instanceof Error ? word.message : (JSON.stringify(word) ?? "");
}
