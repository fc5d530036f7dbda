import { defineAlias } from "@bellhop/sdk";
import comment from "../actions/comment.ts";

export default defineAlias({
  action: comment,
  formats: ["github comment {{ issue }} {{ text }}"],
  description: "Comment on an issue or a pull request",
  reply: "[Commented on {{ result.issue }}]({{ result.url }})",
  ack: { as: "reaction" },
});
