import type { Durations } from "@bellhop/contracts";
import type { Adapter } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import { callingRest, lookingRest, whoAmI } from "./account.ts";
import { capabilities } from "./capabilities.ts";
import type { DiscordSettings } from "./config.ts";
import { createInteractions } from "./interactions.ts";
import { lanesOf } from "./lanes.ts";
import { Listener } from "./listener.ts";
import { createSender } from "./send.ts";
import { writePieces, type DiscordPiece } from "./write.ts";

export interface ConnectionOptions {
  discord: DiscordSettings;
  durations: Durations;
  log: Log;
}

/** Asks Discord who we are; gives the adapter of that bot.
 *  @throws Problem config_invalid when Discord does not take the token; platform_unavailable when it can't be reached */
export async function openDiscord({ discord, durations, log }: ConnectionOptions): Promise<Adapter<DiscordPiece>> {
  const rest = callingRest({ discord, durations });
  const looking = lookingRest({ discord, durations });
  const account = await whoAmI(rest());
  const interactions = createInteractions({ account, rest, log });
  const listener = new Listener({ discord, account, looking, interactions, durations, log });
  return {
    platform: "discord",
    account,
    capabilities,
    failed: listener.failed,
    isConnected: () => listener.isConnected,
    connect: (inbox) => listener.open(inbox),
    disconnect: () => listener.close(),
    write: writePieces,
    lanes: lanesOf,
    ...createSender({ account, rest, looking, wayBack: (to, person) => interactions.wayBack(to, person) }),
  };
}
