import { registerHooks } from "node:module";

// Imported before the tests of a pack that has nothing installed (`bellhop pack test`): what the pack would be given where it runs, and what its tests
// are written with, is found here. What the pack has itself comes first.

const hosted = new Map(
  ["@bellhop/sdk", "@bellhop/sdk/testing", "@bellhop/pack-loader", "zod"].map((specifier) => [specifier, import.meta.resolve(specifier)]),
);

registerHooks({
  resolve(specifier, context, next) {
    const url = hosted.get(specifier);
    if (url === undefined) return next(specifier, context);
    try {
      return next(specifier, context);
    } catch (error) {
      if (!isMissing(error)) throw error;
      return { url, shortCircuit: true };
    }
  },
});

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND");
}
