import { defineAlias } from "@bellhop/sdk";
import checkAll from "../actions/check_all.ts";

export default defineAlias({
  action: checkAll,
  formats: ["check all"],
  description: "Check every address that is configured",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
