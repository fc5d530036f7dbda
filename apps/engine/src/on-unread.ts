import { Address, type Problem } from "@bellhop/contracts";
import { renderProblem } from "@bellhop/core";
import { z } from "zod";
import { answer } from "./intake/answer.ts";
import { apply } from "./runs/apply.ts";
import type { Engine } from "./engine.ts";

/** What is left of a message or ask that can't be read, where it is enough to answer it. */
const Waiting = z.object({ key: z.string(), replyTo: Address });

/** Whoever sent what can't be read is told so, where it says who that is. */
export async function onUnread(engine: Engine, raw: string, reason: Problem): Promise<void> {
  const { data } = Waiting.safeParse(parsed(raw));
  if (data === undefined) return;
  const { key, replyTo: to } = data;
  await apply(engine.bus, [answer({ key, to, body: renderProblem(reason), outcome: "failed" })]);
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
