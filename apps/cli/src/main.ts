import { watchLifeline } from "@bellhop/service";
import { commandLine } from "./command-line.ts";

watchLifeline();
// Somebody who reads only the head of our output has seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
const code = await commandLine(process.argv.slice(2), process.env);
// What is still on its way down a pipe would be lost.
process.stdout.write("", () => process.exit(code));
