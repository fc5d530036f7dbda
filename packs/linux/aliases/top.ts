import { defineAlias } from "@bellhop/sdk";
import top from "../actions/top.ts";

export default defineAlias({
  action: top,
  formats: ["top {{ by = cpu }}"],
  description: "Tell which processes take most of the runner's machine: by cpu or memory, count=10",
  reply: "Processes of {{ result.host }}\n\n{{ result.table }}",
});
