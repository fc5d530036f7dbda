import { defineAlias } from "@bellhop/sdk";
import pulls from "../actions/pulls.ts";

export default defineAlias({
  action: pulls,
  formats: ["github pulls", "github pulls {{ repo }}"],
  description: "List open pull requests: state=…, base=…, most=… as needed",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
