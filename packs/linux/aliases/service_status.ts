import { defineAlias } from "@bellhop/sdk";
import serviceStatus from "../actions/service_status.ts";

export default defineAlias({
  action: serviceStatus,
  formats: ["service status {{ service }}"],
  description: "Tell how a service of the runner's machine is",
  reply: "{{ result.unit }} on {{ result.host }} is {{ result.active }}.\n\n{{ result.table }}",
});
