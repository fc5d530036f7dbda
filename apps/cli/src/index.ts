export { commandLine } from "./command-line.ts";
export { rehearseFile } from "./workflow/rehearsal.ts";
