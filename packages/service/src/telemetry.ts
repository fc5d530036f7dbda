import type { SpanRef } from "@bellhop/contracts";
import type { CommonConfig } from "./config.ts";
import type { Log } from "./log.ts";
import type { CounterName, Figure, HistogramName, LabelsOf } from "./metrics.ts";
import type { Service } from "./run-main.ts";

/** What a part lets others see of its work. Where nobody looks, each of these does nothing. */
export interface Telemetry {
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>): void;
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, seconds: number): void;
  /** Figures that are read when somebody asks for them, every `durations.figuresEvery` at most. What does not come in time is left out. */
  figures(read: () => readonly Figure[] | Promise<readonly Figure[]>): void;
  /** One line of /readyz. */
  check(name: string, look: () => Check): void;
  /** Work at one station of a trace. `note` adds what is known only later. Attributes hold no words of anybody.
   *  @param ref asked for only where somebody looks: its ids are hashes */
  span<Result>(ref: () => SpanRef, attributes: Attributes, work: (note: (more: Attributes) => void) => Promise<Result>): Promise<Result>;
}

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** What one look found, for its line of /readyz. */
export interface Check {
  ok: boolean;
  /** What was found, in some words. */
  found: string;
  /** What to do where it is not ok. */
  hint?: string;
}

/** Nobody looks. */
export const noTelemetry: Telemetry = {
  count: () => {},
  observe: () => {},
  figures: () => {},
  check: () => {},
  span: (_ref, _attributes, work) => work(() => {}),
};

/** The telemetry of a process, shared by the parts that run in it. */
export interface Observatory {
  /** What `part` gives to see, and what is left to see once it is closed: `up` is not ready while a part of it is down. Opened again, it takes the place of what
   *  was there. */
  open(part: string): Telemetry & { close(left: Check): void };
  /** Where it listens: `http://127.0.0.1:9464`. */
  readonly url: string | undefined;
  /** Sends the spans that are left, for a second at most, and stops listening. */
  close(): Promise<void>;
}

/** Opens what the configuration asks for; undefined where that is nothing.
 *  @throws Problem config_invalid where the address can't be listened on */
export async function openObservatory(at: { config: CommonConfig; name: string; log: Log }): Promise<Observatory | undefined> {
  const { config } = at;
  if (config.http === undefined && config.otlp === undefined) return undefined;
  // Libraries that a process without them need not hold in memory.
  const { createObservatory } = await import("./observatory.ts");
  return await createObservatory(at);
}

/** Starts a part with telemetry for as long as it runs: that of the process where it has one (`config.observatory`), else one of its own. */
export async function withTelemetry<Config extends CommonConfig>(
  at: { config: Config; part: string; log: Log },
  start: (telemetry: Telemetry) => Promise<Service>,
): Promise<Service> {
  const { config, part, log } = at;
  const shared = config.observatory;
  const own = shared === undefined ? await openObservatory({ config, name: part, log }) : undefined;
  const observatory = shared ?? own;
  if (observatory === undefined) return await start(noTelemetry);
  const telemetry = observatory.open(part);
  let stage: keyof typeof stages = "starting";
  telemetry.check("state", () => stages[stage]);
  const close = async () => {
    telemetry.close(stopped);
    await own?.close();
  };
  try {
    const service = await start(telemetry);
    stage = "runs";
    return {
      failed: service.failed,
      async stop() {
        stage = "stopping";
        await service.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const stages = {
  starting: { ok: false, found: "starting", hint: "It waits for what it needs: the other checks and the log say for what." },
  runs: { ok: true, found: "runs" },
  stopping: { ok: false, found: "stopping", hint: "It finishes what it has in hand, and takes nothing new." },
} as const satisfies Record<string, Check>;

const stopped: Check = { ok: false, found: "stopped", hint: "It is started again if it failed: its log says why." };
