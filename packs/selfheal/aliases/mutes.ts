import { defineAlias } from "@bellhop/sdk";
import mutes from "../actions/mutes.ts";

export default defineAlias({
  action: mutes,
  formats: ["mutes"],
  description: "What is muted, by whom and until when",
  reply: "{{ result.text }}",
});
