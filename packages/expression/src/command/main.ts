#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { run } from "./run.ts";

// Without a file, what is piped in is the data; a terminal is not waited for.
const { code, out, error } = run(process.argv.slice(2), {
  file: (path) => readFileSync(path, "utf8"),
  input: () => (process.stdin.isTTY ? undefined : readFileSync(0, "utf8")),
  now: () => Date.now() / 1000,
  random: Math.random,
});
if (out !== "") process.stdout.write(`${out}\n`);
if (error !== "") process.stderr.write(`${error}\n`);
process.exitCode = code;
