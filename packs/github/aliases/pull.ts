import { defineAlias } from "@bellhop/sdk";
import pull from "../actions/pull.ts";

export default defineAlias({
  action: pull,
  formats: ["github pull {{ pull }}"],
  description: "Show a pull request and how its checks went",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
