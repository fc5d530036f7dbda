import { defineAlias } from "@bellhop/sdk";
import streams from "../actions/streams.ts";

export default defineAlias({
  action: streams,
  formats: ["nats streams", "nats streams {{ filter }}"],
  description: "List streams with their messages, sizes and consumers",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
