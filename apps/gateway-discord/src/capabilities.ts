import type { Capabilities } from "@bellhop/gateway";

export const capabilities: Capabilities = {
  thread: "native",
  direct: "native",
  mention: "native",
  edit: "native",
  delete: "native",
  reaction: "native",
  typing: "native",
  // Discord shows a message to one person alone only where they pressed something of the bot's.
  ephemeral: "emulated",
  file: "native",
  table: "emulated",
  press: "native",
  form: "native",
  once: "native",
  catchUp: "emulated",
};
