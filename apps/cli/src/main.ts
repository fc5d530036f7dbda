import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Half of what a short command takes is the compiling of its sources. Kept where `npm start` keeps it; where that can't be written, nothing is kept.
enableCompileCache(fileURLToPath(new URL("../../../node_modules/.cache/node-compile", import.meta.url)));
const { watchLifeline } = await import("@bellhop/service");
const { commandLine } = await import("./command-line.ts");

watchLifeline();
// Somebody who reads only the head of our output has seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
const code = await commandLine(process.argv.slice(2), process.env);
// What is still on its way down a pipe would be lost.
process.stdout.write("", () => process.exit(code));
