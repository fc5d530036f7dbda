import { defineAlias } from "@bellhop/sdk";
import disk from "../actions/disk.ts";

export default defineAlias({
  action: disk,
  formats: ["disk of {{ target }}"],
  description: "How full the disk of a target is",
  reply: "The disk of {{ result.target }} is at {{ result.text }}.",
});
