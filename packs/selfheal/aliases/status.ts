import { defineAlias } from "@bellhop/sdk";
import status from "../actions/status.ts";

export default defineAlias({
  action: status,
  formats: ["heal status"],
  description: "How full the disks of all targets are",
  reply: "{{ result.text }}",
});
