import { defineAlias } from "@bellhop/sdk";
import attach from "../actions/attach.ts";

export default defineAlias({
  action: attach,
  formats: ["attach {{ name }} {{ text }}"],
  description: "Give a text back as a file",
  reply: "Here it is, {{ result.bytes }} bytes.",
});
