import { defineAlias } from "@bellhop/sdk";
import projectId from "../actions/project_id_node.ts";

export default defineAlias({
  action: projectId,
  formats: ["node project id {{ name }}"],
  description: "The same without Ruby",
  reply: "{{ result.stdout }}",
});
