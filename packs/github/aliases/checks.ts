import { defineAlias } from "@bellhop/sdk";
import checks from "../actions/checks.ts";

export default defineAlias({
  action: checks,
  formats: ["github checks {{ of }}"],
  description: "Tell how the checks of a pull request, branch or commit went",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
