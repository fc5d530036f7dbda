import { defineAlias } from "@bellhop/sdk";
import createDeployment from "../actions/create_deployment.ts";

export default defineAlias({
  action: createDeployment,
  formats: ["github deploy {{ ref }} to {{ environment }}", "github deploy {{ ref }}"],
  description: "Create a deployment, to production where nothing is said: force=true where checks have not passed",
  reply: "Deployment {{ result.id }} of {{ result.ref }} to {{ result.environment }} is created.",
  ack: { as: "reaction" },
});
