import type { Capabilities } from "@bellhop/gateway";

export const capabilities: Capabilities = {
  thread: "native",
  direct: "native",
  mention: "native",
  edit: "native",
  delete: "native",
  reaction: "native",
  typing: "native",
  // A room shows everything to everybody in it: what is for one person goes to the room that we share with them alone.
  ephemeral: "emulated",
  file: "native",
  table: "native",
  // Reactions below the message, and typed words.
  press: "emulated",
  form: "none",
  once: "native",
  catchUp: "native",
};
