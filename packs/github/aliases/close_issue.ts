import { defineAlias } from "@bellhop/sdk";
import closeIssue from "../actions/close_issue.ts";

export default defineAlias({
  action: closeIssue,
  formats: ["github close {{ issue }}"],
  description: "Close an issue: reason=not_planned or duplicate as needed",
  reply: "Closed [#{{ result.number }}]({{ result.url }}): {{ result.title }}",
  ack: { as: "reaction" },
});
