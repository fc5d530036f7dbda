import { problem, type Durations, type Problem } from "@bellhop/contracts";
import { noTelemetry, type Log, type Telemetry } from "@bellhop/service";
import type { Adapter, Call, Lane, Resolution, SendResult } from "./adapter.ts";
import { createGate, type Verdict } from "./breaker.ts";
import { pause, type Clock } from "./clock.ts";
import { createPace } from "./pace.ts";

/** The calls of one account: each goes when the platform's pace allows it and the platform is not left alone. */
export interface Calls {
  /** Undefined when the call would have to wait. */
  tryTurn(call: Call): Turn | undefined;
  /** @throws Problem platform_unavailable once we may not send any more */
  turn(call: Call): Promise<Turn>;
  /** The time to let pass after a call that failed for the platform's reasons, the nth in a row for the same purpose. */
  patience(failures: number): Promise<void>;
  /** What is thrown to give a send back. */
  stopped(): Problem;
}

/** Leave to make one call: it is made, or given back. */
export interface Turn {
  /** What it throws counts as unsure. */
  make<Result extends SendResult | Resolution>(call: () => Promise<Result>): Promise<Result | Extract<SendResult, { kind: "unsure" }>>;
  giveBack(): void;
}

interface CallsOptions {
  adapter: Pick<Adapter, "platform" | "lanes" | "atOnce">;
  clock: Clock;
  /** False: the lanes' pace is not kept, only what the platform itself asks for. */
  paced: boolean;
  durations: Pick<Durations, "breakerPause" | "breakerLongestPause" | "platformMinute">;
  /** Aborted when we may not send any more. */
  over: AbortSignal;
  log: Log;
  telemetry?: Telemetry;
}

/** Calls under way at one time: more only wait for the platform's own sockets. */
const mostAtOnce = 32;

export function createCalls({ adapter, clock, paced, durations, over, log, telemetry = noTelemetry }: CallsOptions): Calls {
  const { breakerPause, breakerLongestPause, platformMinute: minuteMs } = durations;
  const pace = createPace({ clock, paced, most: (paced ? adapter.atOnce : undefined) ?? mostAtOnce, minuteMs });
  const gate = createGate({
    clock,
    limits: { pauseMs: breakerPause, longestPauseMs: breakerLongestPause },
    onChange(isClosed) {
      if (isClosed) log.info({}, "the platform answers again");
      else log.warn({}, "the platform fails again and again and is left alone for a while");
    },
  });

  function stopped(): Problem {
    return problem("platform_unavailable", { platform: adapter.platform, why: "this gateway does not send any more" });
  }

  function turnOf(at: { call: Call; lanes: readonly Lane[]; end: () => void; tell: (verdict: Verdict) => void }): Turn {
    return {
      async make(call) {
        const result = await call().catch((error: unknown) => ({ kind: "unsure" as const, why: String(error) }));
        if (result.kind === "unavailable" && result.retryAfterMs !== undefined) {
          const lane = at.lanes.find(({ name }) => name === result.lane)?.name;
          log.debug({ lane, ms: result.retryAfterMs, why: result.why }, "the platform asks to wait");
          pace.shut({ lane, ms: result.retryAfterMs });
        }
        telemetry.count("bellhop_platform_calls_total", { platform: adapter.platform, call: at.call.kind, outcome: result.kind });
        at.tell(verdictOn(result));
        at.end();
        return result;
      },
      giveBack() {
        at.tell("none");
        at.end();
      },
    };
  }

  return {
    stopped,
    tryTurn(call) {
      if (over.aborted || !gate.isClosed) return undefined;
      const lanes = adapter.lanes?.(call) ?? [];
      const end = pace.try(lanes);
      const tell = end && gate.enter();
      return end && tell && turnOf({ call, lanes, end, tell });
    },
    async turn(call) {
      const lanes = adapter.lanes?.(call) ?? [];
      while (!over.aborted) {
        await gate.opening(over);
        const end = await pace.wait(lanes, over);
        if (end === undefined) break;
        const tell = gate.enter();
        if (tell !== undefined) return turnOf({ call, lanes, end, tell });
        end();
      }
      throw stopped();
    },
    async patience(failures) {
      // While the platform is left alone, the gate is what is waited for.
      if (gate.isClosed) await pause(clock, Math.min(breakerLongestPause, (breakerPause / 8) * 2 ** (failures - 1)), over);
    },
  };
}

function verdictOn(result: SendResult | Resolution): Verdict {
  if (result.kind === "unsure") return "down";
  return result.kind === "unavailable" && result.retryAfterMs === undefined ? "down" : "up";
}
