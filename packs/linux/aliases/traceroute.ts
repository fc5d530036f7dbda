import { defineAlias } from "@bellhop/sdk";
import traceroute from "../actions/traceroute.ts";

export default defineAlias({
  action: traceroute,
  formats: ["traceroute {{ host }}"],
  description: "Tell over which machines packets travel to a host",
  ack: { format: "Following the way there, hop by hop …" },
  reply: "{{ result.host }} ({{ result.address }})\n\n{{ result.table }}",
});
