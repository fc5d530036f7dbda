import type { Lane } from "./adapter.ts";
import type { Clock } from "./clock.ts";

/** Lets calls go at the pace of their lanes. A call waits for all of its lanes; those that wait for the same go in the order they came, and one that
 *  waits for a lane of its own holds nobody up in a lane it shares. */
export interface Pace {
  /** Undefined when the call can't go at once. @returns to be called when the call is over */
  try(lanes: readonly Lane[]): (() => void) | undefined;
  /** Resolves when it may go. @returns undefined when `over` came first */
  wait(lanes: readonly Lane[], over: AbortSignal): Promise<(() => void) | undefined>;
  /** No call goes for so long; with `lane`, only none of that lane. */
  shut(at: { lane?: string; ms: number }): void;
}

interface Waiting {
  readonly lanes: readonly Lane[];
  readonly go: () => void;
}

/** Lanes that nobody has used for a while are forgotten when there are more than this. */
const mostIdleLanes = 256;

/** @param at.paced false: only what is shut is waited for
 *  @param at.most calls under way at one time
 *  @param at.minuteMs the minute by which the lanes' times are counted */
export function createPace(at: { clock: Clock; paced: boolean; most: number; minuteMs: number }): Pace {
  const { clock, paced, most, minuteMs } = at;
  const stepOf = ({ everyMs }: Lane) => (everyMs * minuteMs) / 60_000;
  /** When the next call of a lane would be due if it went at its even pace, and until when it is shut. */
  const states = new Map<string, { due: number; shutUntil: number }>();
  const waiting: Waiting[] = [];
  let shutUntil = 0;
  let underWay = 0;
  let cancel = () => {};

  function freeAt(lane: Lane): number {
    const state = states.get(lane.name);
    if (state === undefined) return 0;
    return paced ? Math.max(state.shutUntil, state.due - (lane.burst - 1) * stepOf(lane)) : state.shutUntil;
  }

  function earliest(lanes: readonly Lane[]): number {
    return lanes.reduce((latest, lane) => Math.max(latest, freeAt(lane)), shutUntil);
  }

  function stateOf(name: string, now: number): { due: number; shutUntil: number } {
    const known = states.get(name);
    if (known !== undefined) return known;
    if (states.size > mostIdleLanes) {
      for (const [other, state] of states) if (state.due <= now && state.shutUntil <= now) states.delete(other);
    }
    const fresh = { due: 0, shutUntil: 0 };
    states.set(name, fresh);
    return fresh;
  }

  function take(lanes: readonly Lane[], now: number): void {
    underWay++;
    for (const lane of lanes) {
      const state = stateOf(lane.name, now);
      state.due = Math.max(state.due, now) + stepOf(lane);
    }
  }

  function end(): () => void {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      underWay--;
      goOn();
    };
  }

  /** Lets go whoever can, first come first. */
  function goOn(): void {
    cancel();
    const now = clock.now();
    let next = Infinity;
    for (const call of waiting.splice(0)) {
      const at = underWay < most ? earliest(call.lanes) : Infinity;
      if (at <= now) {
        take(call.lanes, now);
        call.go();
      } else {
        waiting.push(call);
        next = Math.min(next, at);
      }
    }
    if (next < Infinity) cancel = clock.after(next - now, goOn);
  }

  return {
    try(lanes) {
      const now = clock.now();
      const shared = (call: Waiting) => call.lanes.some(({ name }) => lanes.some((lane) => lane.name === name));
      if (underWay >= most || earliest(lanes) > now || waiting.some(shared)) return undefined;
      take(lanes, now);
      return end();
    },
    wait(lanes, over) {
      if (over.aborted) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const call: Waiting = {
          lanes,
          go() {
            over.removeEventListener("abort", leave);
            resolve(end());
          },
        };
        const leave = () => {
          waiting.splice(waiting.indexOf(call), 1);
          resolve(undefined);
        };
        over.addEventListener("abort", leave, { once: true });
        waiting.push(call);
        goOn();
      });
    },
    shut({ lane, ms }) {
      const now = clock.now();
      if (lane === undefined) shutUntil = Math.max(shutUntil, now + ms);
      else {
        const state = stateOf(lane, now);
        state.shutUntil = Math.max(state.shutUntil, now + ms);
      }
      goOn();
    },
  };
}
