import { defineAlias } from "@bellhop/sdk";
import server from "../actions/server.ts";

export default defineAlias({
  action: server,
  formats: ["nats server"],
  description: "Tell what server it is and what of JetStream is used",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
