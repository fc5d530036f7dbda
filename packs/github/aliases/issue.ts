import { defineAlias } from "@bellhop/sdk";
import issue from "../actions/issue.ts";

export default defineAlias({
  action: issue,
  formats: ["github issue {{ issue }}"],
  description: "Show an issue, such as 12 or owner/name#12",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
