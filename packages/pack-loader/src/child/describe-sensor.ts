import { longestInterval, mostPartitions, type SensorDefinition, type TriggerDefinition } from "@bellhop/contracts";
import { z, type AnySensor } from "@bellhop/sdk";
import { compiledPath } from "../modules/resolution.ts";
import { complaintsOf } from "./complaints.ts";
import { jsonSchema, schemaHint, type Described, type Exported } from "./describe.ts";
import type { Extracted } from "./protocol.ts";

/** A sensor as data, and the triggers that it fires. */
export function describeSensor(
  sensor: AnySensor,
  where: Omit<Exported, "refOf"> & { config: unknown },
): Described<SensorDefinition> & { triggers: Extracted<TriggerDefinition>[] } {
  const { pack, name, source } = where;
  const { spec } = sensor;
  const { problems, at, complain } = complaintsOf(source);

  const read = Facts.safeParse(spec);
  for (const issue of read.error?.issues ?? []) {
    const [word = ""] = issue.path.map(String);
    const value: unknown = Object.entries(spec).find(([one]) => one === word)?.[1];
    complain([word], `${word} is ${JSON.stringify(value) ?? "missing"}.`, hints[word] ?? issue.message);
  }
  const facts: z.infer<typeof Facts> = read.data ?? { description: "", triggers: {} };
  const looks = typeof spec.poll === "function";
  if (looks === (typeof spec.run === "function"))
    complain(
      [],
      "A sensor has poll or run, one of the two.",
      "`every: 30, poll: …` looks every 30 seconds; `run: …` listens until it is told to stop.",
    );
  if (looks && facts.every === undefined && read.success)
    complain([], "every is missing.", "Expected the seconds from the end of one look to the beginning of the next.");
  if (spec.config !== undefined && spec.config !== where.config)
    complain(
      ["config"],
      "config is not what this pack can be configured with.",
      'Write it in config.ts beside pack.yaml and import it: import config from "../config.ts".',
    );

  const triggers = Object.entries(facts.triggers).map(([trigger, schema]): Extracted<TriggerDefinition> => {
    if (!/^\w[\w.-]*$/.test(trigger))
      complain(["triggers", trigger], `"${trigger}" can't be the name of a trigger.`, "Letters, digits, _, - and dots only.");
    const made = schema instanceof z.ZodType ? jsonSchema(schema) : { fault: "it is no schema" };
    if ("fault" in made)
      complain(["triggers", trigger], `What ${trigger} says can't be written as JSON Schema: ${made.fault}.`, schemaHint);
    const definition = {
      ref: `${pack}.${trigger}`,
      pack,
      name: trigger,
      description: (schema instanceof z.ZodType ? schema.description : undefined) ?? "",
      ...("schema" in made ? { payload: made.schema } : {}),
      source: { file: source.path, ...at(["triggers", trigger]) },
    };
    return { definition, file: source.path, ranges: {} };
  });
  const definition: SensorDefinition = {
    ref: `${pack}.${name}`,
    pack,
    name,
    description: facts.description,
    enabled: facts.enabled ?? true,
    kind: "typescript",
    entryPoint: compiledPath(source.path, source.format),
    ...(facts.every === undefined ? {} : { pollInterval: facts.every }),
    ...(facts.timeout === undefined ? {} : { timeoutMs: Math.max(1, Math.round(facts.timeout * 1000)) }),
    ...(facts.partitions === undefined ? {} : { partitions: facts.partitions }),
    ...(facts.pool === undefined ? {} : { pool: facts.pool }),
    triggers: triggers.map((one) => one.definition.ref),
    source: { file: source.path, ...at([]) },
  };
  return { extracted: { definition, file: source.path, ranges: source.ranges }, triggers, problems };
}

const Facts = z.object({
  description: z.string(),
  triggers: z.record(z.string(), z.unknown()),
  every: z.number().positive().max(longestInterval).optional(),
  timeout: z.number().positive().max(longestInterval).optional(),
  partitions: z.int().min(1).max(mostPartitions).optional(),
  pool: z.string().min(1).optional(),
  enabled: z.boolean().optional(),
});

const hints: Readonly<Record<string, string>> = {
  description: "Expected one line of text.",
  triggers: "Expected names, each with the schema of what its events say.",
  every: `Expected seconds, more than 0 and ${longestInterval} at most.`,
  timeout: `Expected seconds, more than 0 and ${longestInterval} at most.`,
  partitions: `Expected a whole number, 1 to ${mostPartitions}.`,
  pool: "Expected the name of a pool.",
  enabled: "Expected true or false.",
};
