import { defineAlias } from "@bellhop/sdk";
import deployments from "../actions/deployments.ts";

export default defineAlias({
  action: deployments,
  formats: ["github deployments", "github deployments {{ repo }}"],
  description: "List deployments and how they went: environment=…, most=… as needed",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
