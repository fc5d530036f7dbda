import { defineConfig } from "vitest/config";

/** How the tests of every package run; its `test` script names this file. */
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    passWithNoTests: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for may take long on a machine that has other work; a second is vitest's own patience.
    expect: { poll: { timeout: 30_000 } },
    // A process for every file costs as much as what most files do in it. So a test file leaves nothing behind: no environment, no folder, no server.
    isolate: false,
    // Our sources run by Node's own type stripping, in tests as in the product. Vite would read and rewrite them all once more for every package.
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});
