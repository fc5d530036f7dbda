import { join } from "node:path";

export const corePack = join(import.meta.dirname, "..", "..", "packs", "core");

/** Commands that stories are told with. */
export const storiesPack = join(import.meta.dirname, "packs", "stories");

/** Commands that ask people. */
export const askingPack = join(import.meta.dirname, "packs", "asking");

/** Posts messages that are edited by key. */
export const chatPack = join(import.meta.dirname, "..", "..", "packs", "chat");

/** StackStorm's words for the same. */
export const chatopsPack = join(import.meta.dirname, "..", "..", "packs", "chatops");

/** Heals disks that are full. */
export const selfhealPack = join(import.meta.dirname, "..", "..", "packs", "selfheal");
