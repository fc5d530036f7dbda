import type { Membership } from "@bellhop/bus";
import { isReadByPerson, nameOfToken } from "@bellhop/contracts";
import type { Places, Sender, Telling } from "@bellhop/core";
import type { Engine } from "../engine.ts";

/** Where announcements can be made: rooms that have names, and accounts that somebody sends for now. */
export function places({ rooms, membership }: Pick<Engine, "rooms" | "membership">): Omit<Places, "here"> {
  // A program that waits for the answers to its own lines has no use for other words.
  return { rooms, senders: sendersIn(membership).filter(({ platform, account }) => platform !== "terminal" || isReadByPerson(account)) };
}

/** The accounts of prompts that are open now. */
export function openPrompts(membership: Pick<Membership, "held">): string[] {
  return sendersIn(membership).flatMap(({ platform, account }) => (platform === "terminal" ? [account] : []));
}

function sendersIn(membership: Pick<Membership, "held">): Sender[] {
  return membership.held(sender).map((what) => {
    const [platform = "", account = ""] = what.slice(sender.length).split(".").map(nameOfToken);
    return { platform, account };
  });
}

/** Who can be told of the end of a run. */
export function telling({ knowledge, ...where }: Pick<Engine, "rooms" | "membership" | "knowledge">): Telling {
  return {
    places: places(where),
    waitsFor: (trigger) => knowledge.rules().waitsFor(trigger),
    kindOf: (action) => knowledge.catalog().actions.get(action)?.kind,
  };
}

/** What gateways hold: `sender.<platform>.<account>`. */
const sender = "sender.";
