import { defineAlias } from "@bellhop/sdk";
import usageReport from "../actions/usage_report_node.ts";

export default defineAlias({
  action: usageReport,
  formats: ["node usage of {{ id }}"],
  description: "The same without Python",
  reply: "{{ result.stdout }}",
});
