import { defineAlias } from "@bellhop/sdk";
import lag from "../actions/lag.ts";

export default defineAlias({
  action: lag,
  formats: ["nats lag"],
  description: "List the consumers that are behind, the worst first: most=… for more",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
