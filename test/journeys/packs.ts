import { join } from "node:path";

export const corePack = join(import.meta.dirname, "..", "..", "packs", "core");

/** Commands that stories are told with. */
export const storiesPack = join(import.meta.dirname, "packs", "stories");

/** Commands that ask people. */
export const askingPack = join(import.meta.dirname, "packs", "asking");
