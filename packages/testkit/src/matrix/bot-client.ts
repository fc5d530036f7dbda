import { createRequire, registerHooks } from "node:module";
import type { FakeMatrix } from "./fake-matrix.ts";

// The SDK requires its native cryptography when it is loaded; where that could not be installed, nothing stands for it, and nothing uses it.
const hooks = registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "@matrix-org/matrix-sdk-crypto-nodejs"
      ? { url: new URL("absent.ts", import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
});
const sdk: typeof import("matrix-bot-sdk") = createRequire(import.meta.url)("matrix-bot-sdk");
hooks.deregister();
sdk.LogService.setLogger({ info: () => {}, warn: () => {}, error: () => {}, debug: () => {}, trace: () => {} });

export const { MatrixAuth, MatrixError } = sdk;

/** For this folder's tests: the real client, as the bot. */
export function botClient({ url, bot }: FakeMatrix, token = bot.token): InstanceType<typeof sdk.MatrixClient> {
  return new sdk.MatrixClient(url, token);
}
