import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    // No test file by its name: the default suite knows nothing of it.
    include: ["journeys.ts"],
    // The homeserver lets the bot say one thing in five seconds, after the first ten.
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});
