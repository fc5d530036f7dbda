import { defineRule } from "@bellhop/sdk";

export default defineRule({
  description: "What comes into the folder as NAME.project is looked up",
  trigger: "examples.file_came",
  criteria: { "trigger.name": { type: "endswith", pattern: ".project" } },
  action: "examples.project_id_node",
  input: { name: "{{ trigger.name | replace('.project', '') }}" },
});
