import { defineAlias } from "@bellhop/sdk";
import createIssue from "../actions/create_issue.ts";

export default defineAlias({
  action: createIssue,
  formats: ["github new issue {{ title }}"],
  description: "Open an issue: body=…, labels=…, assignees=…, repo=… as needed",
  reply: "Opened [#{{ result.number }}]({{ result.url }}): {{ result.title }}",
  ack: { as: "reaction" },
});
