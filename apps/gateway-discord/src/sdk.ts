import { createRequire, registerHooks } from "node:module";

/** What the SDK requires when it is loaded, and has no use for here: its HTTP client. Calls go out by request.ts. */
const leftOut: ReadonlySet<string> = new Set(["undici"]);

const hooks = registerHooks({
  resolve: (specifier, context, next) =>
    leftOut.has(specifier) ? { url: new URL("absent.ts", import.meta.url).href, shortCircuit: true } : next(specifier, context),
});
const sdk: typeof import("discord.js") = createRequire(import.meta.url)("discord.js");
hooks.deregister();

export const { Client, Events, GatewayCloseCodes, GatewayDispatchEvents, GatewayIntentBits, Options, RESTJSONErrorCodes, Routes } = sdk;
export const { DiscordAPIError, HTTPError, RateLimitError, REST } = sdk;
export type Client = InstanceType<typeof Client>;
export type DiscordAPIError = InstanceType<typeof DiscordAPIError>;
export type REST = InstanceType<typeof REST>;
