import type { Answer, Call } from "./call.ts";
import type { Device, Homeserver } from "./state.ts";

/** What a method may touch. */
export interface Surroundings {
  server: Homeserver;
  /** Wakes syncs and whoever waits for a message. */
  announce: () => void;
}

export interface Request {
  call: Call;
  /** Who calls; of methods that need no token a device that is nobody's. */
  device: Device;
  /** What stood in the path's `{}`, in order. */
  names: readonly string[];
}

/** @throws Refusal */
export type Method = (world: Surroundings, request: Request) => Answer;
