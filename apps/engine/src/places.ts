import { nameOfToken } from "@bellhop/contracts";
import type { Places } from "@bellhop/core";
import type { Engine } from "./engine.ts";

/** Where announcements can be made: rooms that have names, and accounts that somebody sends for now. */
export function places({ rooms, membership }: Pick<Engine, "rooms" | "membership">): Omit<Places, "here"> {
  const senders = membership.held(sender).flatMap((what) => {
    const [platform = "", account = ""] = what.slice(sender.length).split(".").map(nameOfToken);
    // Prompts come and go, and nobody reads there what was not asked there.
    return platform === "terminal" ? [] : [{ platform, account }];
  });
  return { rooms, senders };
}

/** What gateways hold: `sender.<platform>.<account>`. */
const sender = "sender.";
