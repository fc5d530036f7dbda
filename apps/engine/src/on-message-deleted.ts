import type { MessageDeleted } from "@bellhop/contracts";
import { withdraw } from "@bellhop/core";
import { cancelUnclaimed } from "./runs/attempts.ts";
import { closeWords } from "./intake/close-words.ts";
import type { Engine } from "./engine.ts";
import { wordingsOf } from "./intake/wordings.ts";

/** A message is gone: its run ends if nobody has begun it. */
export async function onMessageDeleted(engine: Engine, deleted: MessageDeleted): Promise<void> {
  const { original, deletedAt: askedAt } = deleted;
  // Apart from the message's own, which a platform may give it too.
  const key = `${original.key}/deleted`;
  for (;;) {
    const { last, next, taken } = await wordingsOf(engine, deleted);
    const own = taken.get(key);
    if (own !== undefined) return void (await engine.book.find(own));
    const decision = withdraw(last);
    switch (decision.kind) {
      case "nothing":
        return;
      case "withdraw":
        return cancelUnclaimed(engine.bus, decision.run);
      case "close":
        if (!(await closeWords(engine, { key, askedAt, original, run: next, reply: decision.reply }))) return;
    }
  }
}
