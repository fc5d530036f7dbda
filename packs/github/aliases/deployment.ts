import { defineAlias } from "@bellhop/sdk";
import deployment from "../actions/deployment.ts";

export default defineAlias({
  action: deployment,
  formats: ["github deployment {{ id }}"],
  description: "Show a deployment and its statuses",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
