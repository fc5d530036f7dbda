import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    // What measures wants the machine for itself. Stories and faults mostly wait for what they started, so the package's script has two at a time.
    fileParallelism: false,
    // Each wait within has its own limit, and says what it waited for.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // As in vitest.package.ts: Node runs our sources by itself.
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});
