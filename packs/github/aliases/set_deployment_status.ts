import { defineAlias } from "@bellhop/sdk";
import setDeploymentStatus from "../actions/set_deployment_status.ts";

export default defineAlias({
  action: setDeploymentStatus,
  formats: ["github deployment {{ id }} is {{ state }}"],
  description: "Report how a deployment goes: description=…, log_url=… as needed",
  reply: "Deployment {{ result.id }} is {{ result.state }}.",
  ack: { as: "reaction" },
});
