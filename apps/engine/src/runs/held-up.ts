import { Passing } from "@bellhop/bus";
import type { AttemptRef, Command, Run } from "@bellhop/contracts";
import { cleansUp } from "@bellhop/core";
import { wayAside } from "./stepping-aside.ts";

/** Runs whose commands find no room in their queues. Nothing else becomes of a run before they do, but its end: a request that is taken back need not be stored. */
export class HeldUp {
  /** Requests that wait for room, and how to wait for them no more. */
  readonly #runs = new Map<string, Map<AttemptRef, () => void>>();
  /** How what is done with a run steps aside. */
  readonly #aside = new Passing<string, Set<() => void>>();
  /** Runs of which somebody waits for the end. */
  readonly #ending = new Passing<string, number>();
  readonly #rooms: RoomWatch | undefined;
  readonly #revoke: (attempt: AttemptRef) => Promise<void>;

  /** @param at.revoke takes an attempt out of every runner's reach */
  constructor(at: { rooms: RoomWatch | undefined; revoke: (attempt: AttemptRef) => Promise<void> }) {
    this.#rooms = at.rooms;
    this.#revoke = at.revoke;
  }

  has(run: string): boolean {
    return this.#runs.has(run);
  }

  /** Does something with a run, and steps aside while that waits for room. */
  async around<T>(run: string, work: () => Promise<T>): Promise<T> {
    const aside = wayAside();
    if (aside === undefined) return await work();
    const waiting = this.#aside.get(run) ?? new Set();
    this.#aside.set(run, waiting.add(aside));
    if (this.has(run)) aside();
    try {
      return await work();
    } finally {
      waiting.delete(aside);
      if (waiting.size === 0) this.#aside.delete(run);
    }
  }

  /** Does what is to end a run, which is not held up by its own requests then. */
  async ending<T>(run: string, work: () => Promise<T>): Promise<T> {
    this.#ending.set(run, (this.#ending.get(run) ?? 0) + 1);
    for (const [attempt, giveUp] of this.#runs.get(run) ?? []) this.#takeBack(attempt, giveUp);
    try {
      return await work();
    } finally {
      const left = (this.#ending.get(run) ?? 1) - 1;
      if (left === 0) this.#ending.delete(run);
      else this.#ending.set(run, left);
    }
  }

  letPass(run: string): void {
    for (const aside of this.#aside.get(run) ?? []) aside();
  }

  /** A command finds no room. Resolves if it need not be stored any more. */
  async missing(run: string, state: Run | undefined, command: Command): Promise<void> {
    const requests = this.#runs.get(run) ?? new Map<AttemptRef, () => void>();
    this.#runs.set(run, requests);
    this.letPass(run);
    if (state !== undefined) this.#rooms?.missing(state, command);
    const { promise, resolve } = Promise.withResolvers<void>();
    if (command.kind === "request" && (state === undefined || !cleansUp(state, command.request.task))) {
      const { task, attempt } = command.request;
      const ref = { run, task, attempt };
      requests.set(ref, resolve);
      if (this.#ending.has(run)) this.#takeBack(ref, resolve);
    }
    return await promise;
  }

  /** It has room, or is somebody else's. */
  over(run: string): void {
    if (this.#runs.delete(run)) this.#rooms?.found(run);
  }

  #takeBack(attempt: AttemptRef, giveUp: () => void): void {
    // Who can't say so now is asked again: what was to end the run is not acknowledged.
    this.#revoke(attempt).then(giveUp, () => undefined);
  }
}

/** Hears of runs whose commands find no room, and of those whose commands found it. */
export interface RoomWatch {
  missing(run: Run, command: Command): void;
  found(run: string): void;
}
