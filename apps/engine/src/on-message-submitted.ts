import type { MessageSubmitted } from "@bellhop/contracts";
import type { Engine } from "./engine.ts";
import { onMessagePressed } from "./on-message-pressed.ts";

/** What was filled in is asked as a press is. */
export async function onMessageSubmitted(engine: Engine, submitted: MessageSubmitted): Promise<void> {
  await onMessagePressed(engine, submitted);
}
