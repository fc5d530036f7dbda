import { defineAlias } from "@bellhop/sdk";
import consumers from "../actions/consumers.ts";

export default defineAlias({
  action: consumers,
  formats: ["nats consumers {{ stream }}"],
  description: "List the consumers of a stream and how far they are",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
