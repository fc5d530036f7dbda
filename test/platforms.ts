import { openDiscord } from "./platforms/discord.ts";
import { openMatrix } from "./platforms/matrix.ts";
import type { OpenOptions, Platform, PlatformName } from "./platforms/platform.ts";
import { openSlack } from "./platforms/slack.ts";

export * from "./platforms/platform.ts";

/** Every chat platform, as a fake that people talk on. A new platform is one line here, and its file. */
const open: Record<PlatformName, (options: OpenOptions) => Promise<Platform>> = {
  slack: openSlack,
  discord: openDiscord,
  matrix: openMatrix,
};

export const platformNames = ["slack", "discord", "matrix"] as const satisfies readonly PlatformName[];

export async function openPlatform(name: PlatformName, options: OpenOptions): Promise<Platform> {
  return open[name](options);
}
