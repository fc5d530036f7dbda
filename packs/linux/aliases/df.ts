import { defineAlias } from "@bellhop/sdk";
import df from "../actions/df.ts";

export default defineAlias({
  action: df,
  formats: ["df", "df {{ path }}"],
  description: "Tell how full the disks of the runner's machine are",
  reply: "Disks of {{ result.host }}\n\n{{ result.table }}",
});
