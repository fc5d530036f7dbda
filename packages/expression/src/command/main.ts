#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { run } from "./run.ts";

// Without a file, what is piped in is the data; a terminal is not waited for. It is decoded here: Node 24.21 may end by a segmentation fault where it decodes
// itself what comes by a pipe bit by bit.
const { code, out, error } = run(process.argv.slice(2), {
  file: (path) => readFileSync(path, "utf8"),
  input: () => (process.stdin.isTTY ? undefined : readFileSync(0).toString()),
  now: () => Date.now() / 1000,
  random: Math.random,
});
if (out !== "") process.stdout.write(`${out}\n`);
if (error !== "") process.stderr.write(`${error}\n`);
process.exitCode = code;
