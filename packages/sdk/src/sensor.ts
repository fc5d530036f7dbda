import { z } from "zod";
import type { ActionLog, InputShape } from "./action.ts";
import { brand, isBranded } from "./brand.ts";
import type { AnyConfig, Config } from "./config.ts";

/** The triggers that a sensor fires, by name, each with the schema of what its events say. */
export type TriggerShapes = Readonly<Record<string, z.ZodType>>;

type ValuesOf<Fields extends InputShape | z.ZodObject> = Fields extends z.ZodObject
  ? z.output<Fields>
  : Fields extends z.core.$ZodLooseShape
    ? z.output<z.ZodObject<Fields>>
    : never;

/** What became of an event: its id, as `bellhop event show` knows it, and whether it had been told before. */
export interface Emitted {
  readonly event: string;
  readonly again: boolean;
}

/** Tells an event of a trigger that the sensor declares, or of another pack's by its whole name (`alerts.fired`), where bellhop.yaml lets the pack do so
 *  (`runner: {foreignTriggers: {PACK: [alerts.fired]}}`). Resolves when it is stored: from then on it is not lost. With a `key`, the name that its source has for
 *  it, what is told twice is one event, also after a restart and by another instance; without, each call is another event. Rejects where the payload
 *  does not fit the trigger's schema. */
export interface Emit<Triggers extends TriggerShapes = TriggerShapes> {
  <Name extends keyof Triggers & string>(
    trigger: Name,
    payload: z.input<Triggers[Name]>,
    options?: { readonly key?: string },
  ): Promise<Emitted>;
  (trigger: `${string}.${string}`, payload: unknown, options?: { readonly key?: string }): Promise<Emitted>;
}

/** What a sensor remembers, JSON by name, wherever it runs next: how far it has read. All instances of a sensor share it. */
export interface SensorState {
  /** @returns undefined where there is nothing */
  get(name: string): Promise<unknown>;
  /** Resolves when it is stored. @param options.ttl seconds until it is forgotten */
  set(name: string, value: unknown, options?: { readonly ttl?: number }): Promise<void>;
  delete(name: string): Promise<void>;
}

/** What a sensor works with. */
export interface SensorCall<Triggers extends TriggerShapes = TriggerShapes, Values = Record<string, unknown>> {
  readonly emit: Emit<Triggers>;
  readonly state: SensorState;
  /** The pack's configuration. A sensor begins anew when it changes. */
  readonly config: Readonly<Values>;
  /** `bellhop sensor log` shows it. */
  readonly log: ActionLog;
  /** Aborted when the sensor has to end. What ignores it is killed soon after. */
  readonly signal: AbortSignal;
  /** Which part of the work is this instance's: `index` of `count`, from 0. */
  readonly partition: { readonly index: number; readonly count: number };
}

interface SensorFacts<Triggers extends TriggerShapes, Fields extends InputShape | z.ZodObject> {
  /** One line for people. */
  readonly description: string;
  /** What its events say, by the trigger's name; what `.describe()` says of each is the trigger's description. Must be representable as JSON Schema. Rules wait
   *  for `pack.name`. */
  readonly triggers: Triggers;
  /** What the pack's `config.ts` exports: then the values are typed. */
  readonly config?: Config<Fields>;
  /** How many instances share the work; default 1. */
  readonly partitions?: number;
  /** Which runners have it; default `default`. */
  readonly pool?: string;
  /** Whether it is started; default `true`. */
  readonly enabled?: boolean;
}

/** One that looks again and again. */
export interface PollingSensor<Triggers extends TriggerShapes, Values> {
  /** Seconds from the end of one look to the beginning of the next. */
  readonly every: number;
  /** Seconds that one look may take; default 60. */
  readonly timeout?: number;
  /** Looks once. What it throws ends the instance, which begins anew after a while that grows from time to time. */
  poll(call: SensorCall<Triggers, Values>): void | Promise<void>;
  readonly run?: never;
}

/** One that is told. */
export interface PassiveSensor<Triggers extends TriggerShapes, Values> {
  /** Works until `signal` is aborted. Where it returns before, the sensor has ended and stays so; what it throws ends the instance, which begins anew. */
  run(call: SensorCall<Triggers, Values>): void | Promise<void>;
  readonly every?: never;
  readonly poll?: never;
}

/** What {@link defineSensor} takes. */
export type SensorSpec<Triggers extends TriggerShapes, Fields extends InputShape | z.ZodObject = InputShape> = SensorFacts<
  Triggers,
  Fields
> &
  (PollingSensor<Triggers, ValuesOf<Fields>> | PassiveSensor<Triggers, ValuesOf<Fields>>);

/** A sensor, as `defineSensor` makes it. */
export interface Sensor<Triggers extends TriggerShapes = TriggerShapes, Fields extends InputShape | z.ZodObject = InputShape> {
  readonly [brand]: "sensor";
  readonly spec: SensorSpec<Triggers, Fields>;
}

/** Any sensor, whatever it fires. */
export interface AnySensor {
  readonly [brand]: "sensor";
  readonly spec: {
    readonly description: string;
    readonly triggers: TriggerShapes;
    readonly config?: AnyConfig;
    readonly partitions?: number;
    readonly pool?: string;
    readonly enabled?: boolean;
    readonly every?: number | undefined;
    readonly timeout?: number | undefined;
    readonly poll?: ((call: SensorCall) => void | Promise<void>) | undefined;
    readonly run?: ((call: SensorCall) => void | Promise<void>) | undefined;
  };
}

/** Defines a sensor: code that fires triggers, for which rules wait. Its name is that of the file, which exports it as default. One instance of it lives at a
 *  time, over all runners; where its runner dies, another takes it over within seconds.
 *
 *      // sensors/releases.ts
 *      import { defineSensor, z } from "@bellhop/sdk";
 *
 *      const Release = z.object({ id: z.number(), name: z.string() });
 *
 *      export default defineSensor({
 *        description: "Releases of the shop",
 *        triggers: { released: Release.describe("There is a new release.") },
 *        every: 30,
 *        poll: async ({ emit, state, signal }) => {
 *          const after = Number((await state.get("after")) ?? 0);
 *          const answer = await fetch(`https://shop.example.com/releases?after=${after}`, { signal });
 *          for (const release of z.array(Release).parse(await answer.json())) {
 *            await emit("released", release, { key: String(release.id) });
 *            await state.set("after", release.id);
 *          }
 *        },
 *      });
 */
export function defineSensor<const Triggers extends TriggerShapes, const Fields extends InputShape | z.ZodObject = InputShape>(
  spec: SensorSpec<Triggers, Fields>,
): Sensor<Triggers, Fields> {
  return { [brand]: "sensor", spec };
}

/** Whether a value was made by `defineSensor`, of this or another copy of this package. */
export function isSensor(value: unknown): value is AnySensor {
  return isBranded(value, "sensor");
}
