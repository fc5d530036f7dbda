import { defineAlias } from "@bellhop/sdk";
import issues from "../actions/issues.ts";

export default defineAlias({
  action: issues,
  formats: ["github issues", "github issues {{ repo }}"],
  description: "List open issues: state=…, labels=…, assignee=…, most=… as needed",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
