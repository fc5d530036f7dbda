// `pnpm bench:language`: one JSON object on standard output. README.md says what is measured, and what is not.
import { runBench } from "./bench.ts";
import { measureAliases } from "./language/aliases.ts";
import { measureRules } from "./language/rules.ts";

await runBench({
  name: "language",
  parts: { aliases: measureAliases, rules: measureRules },
  notMeasured: [
    "what comes before and after: a message's way to the engine, access, and what is planned",
    "first use: each command was said before it is timed",
  ],
});
