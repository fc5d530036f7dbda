import { problem } from "@bellhop/contracts";

/** Waits for what is being stored, but not for ever: while NATS is away the bus waits for it, and a sender does better to try again. What is stored after we gave
 *  up is stored under the sender's name for it, and found when it comes again. Where many wait beyond that, more is refused at once: all of it is in memory.
 *  @param at.ms how long one is waited for
 *  @param at.most so many may still wait that were given up */
export function openStoring({ ms, most }: { ms: number; most: number }): <T>(store: () => Promise<T>) => Promise<T> {
  let givenUp = 0;
  return async (store) => {
    if (givenUp >= most) throw away();
    let timer: NodeJS.Timeout | undefined;
    const storing = store();
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        givenUp++;
        const over = () => void givenUp--;
        storing.then(over, over);
        reject(away());
      }, ms);
    });
    try {
      return await Promise.race([storing, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}

function away() {
  return problem("nats_unreachable", { url: "its address", why: "no answer" });
}
