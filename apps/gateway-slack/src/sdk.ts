import { createRequire, registerHooks } from "node:module";

/** What the SDK requires when it is loaded, for parts that we never use: servers that Slack calls, and how strangers install an app. 7 MB. */
const leftOut: ReadonlySet<string> = new Set(["express", "raw-body", "@slack/oauth"]);

const hooks = registerHooks({
  resolve: (specifier, context, next) =>
    leftOut.has(specifier) ? { url: new URL("absent.ts", import.meta.url).href, shortCircuit: true } : next(specifier, context),
});
const sdk: typeof import("@slack/bolt") = createRequire(import.meta.url)("@slack/bolt");
hooks.deregister();

export const { App, LogLevel, SocketModeReceiver } = sdk;
export type App = InstanceType<typeof App>;

export const { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError, WebClient } = sdk.webApi;
export type WebAPIPlatformError = InstanceType<typeof WebAPIPlatformError>;
export type WebClient = InstanceType<typeof WebClient>;
