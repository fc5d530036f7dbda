import { defineAlias } from "@bellhop/sdk";
import noop from "../actions/noop.ts";

export default defineAlias({
  action: noop,
  formats: ["noop"],
  description: "Do nothing, to see that everything works",
  reply: "Did nothing.",
});
