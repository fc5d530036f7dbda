import { watchLifeline } from "@bellhop/service";
import { commandLine } from "./command-line.ts";

watchLifeline();
// Somebody who reads only the head of our output has seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
process.exit(await commandLine(process.argv.slice(2), process.env));
