import type { Kind } from "./kind.ts";
import { localShellCmd } from "./local-shell-cmd.ts";
import { localShellScript } from "./local-shell-script.ts";
import { typescript } from "./typescript.ts";

/** Every kind this runner carries out. A new one is a file beside this one, a line here, and a call of `kindContract()`. */
export const kinds: ReadonlyMap<string, Kind> = new Map([typescript, localShellCmd, localShellScript].map((kind) => [kind.name, kind]));
