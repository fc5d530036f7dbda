import { isFields, isSealed, secretMask } from "@bellhop/contracts";

/** What an event said, for people to look at: without what its trigger calls a secret, and what is named as secrets are.
 *  @param schema of the payload, as the trigger has it */
export function maskedPayload(payload: unknown, schema?: unknown): unknown {
  if (isSealed(payload) || innerOf(schema, "secret") === true) return secretMask;
  if (Array.isArray(payload)) {
    const items = innerOf(schema, "items");
    return payload.map((item) => maskedPayload(item, items));
  }
  if (typeof payload !== "object" || payload === null) return payload;
  const fields = innerOf(schema, "properties");
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) =>
      // What is empty, or only says whether there is one, gives nothing away.
      secretName.test(name) && isTold(value) ? [name, secretMask] : [name, maskedPayload(value, innerOf(fields, name))],
    ),
  );
}

const secretName =
  /pass(?:word|wd|phrase)|secret|(?:^|[-_. ])(?:token|pwd|cookie)s?$|[a-z](?:Token|Cookie)$|api[-_. ]?key|access[-_. ]?key|private[-_. ]?key|authori[sz]ation|credential|signature/i;

function isTold(value: unknown): boolean {
  return value !== null && value !== "" && typeof value !== "boolean";
}

function innerOf(schema: unknown, name: string): unknown {
  return isFields(schema) && Object.hasOwn(schema, name) ? schema[name] : undefined;
}
