import { z } from "zod";

/** What a sensor says in one line. `id` is its own, and comes back with the answer. */
export type Said =
  | { kind: "event"; trigger: string; payload: unknown; key?: string; id?: LineId }
  | { kind: "get" | "delete"; name: string; id?: LineId }
  | { kind: "set"; name: string; value: unknown; ttl?: number; id?: LineId }
  | { kind: "log"; level: Level; text: string }
  /** A look begins, or is over: said by those in TypeScript. */
  | { kind: "looking"; is: boolean }
  /** Why it can't go on: said by those in TypeScript before they end. */
  | { kind: "failed"; why: string }
  /** `waits`: it asked for something, and may wait for the answer. */
  | { kind: "wrong"; why: string; waits?: { id?: LineId } };

export type LineId = string | number;
export type Level = z.infer<typeof Level>;

/** What a sensor is told, one object a line; first of all {@link Hello}. */
export type Answer = { id?: LineId } & (
  | { stored: string | null; event: string; again: boolean }
  | { refused: string; key?: string }
  | { get: string; value?: unknown }
  | { set: string }
  | { deleted: string }
  | { failed: string }
);

/** What a sensor has to know before it begins. */
export interface Hello {
  /** `pack.name` */
  readonly sensor: string;
  /** The compiled module of one in TypeScript. */
  readonly module?: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly partition: { readonly index: number; readonly count: number };
}

/** Reads one line. Of one that is none it quotes all, so that secrets in it are found whole. */
export function readLine(text: string): Said {
  const none: Said = { kind: "wrong", why: `it is no JSON object: ${text}` };
  // Of much that is printed by chance, each error would be dear.
  if (!text.trimStart().startsWith("{")) return none;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return none;
  }
  if (typeof value !== "object" || value === null) return none;
  const word = words.find((one) => Object.hasOwn(value, one));
  if (word === undefined) return { kind: "wrong", why: `it has none of ${words.join(", ")}` };
  const read = shapes[word].safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const why = `${issue?.path.map(String).join(".") || word}: ${issue?.message ?? "another value was expected"}`;
  return { kind: "wrong", why, ...(answered.has(word) ? { waits: idOf(idIn(value)) } : {}) };
}

/** Cuts what comes into lines, whatever pieces it comes in. One that is too long is told once, and what follows it counts again.
 *  @param onLine with the line's number, from 1; undefined in place of one that is too long */
export function lineReader(onLine: (line: string | undefined, number: number) => void, longest = longestLine): (bytes: Buffer) => void {
  let pieces: Buffer[] = [];
  let held = 0;
  let number = 0;
  let passing = false;
  const end = () => {
    number++;
    if (passing) onLine(undefined, number);
    else if (held > 0) onLine(Buffer.concat(pieces, held).toString("utf8"), number);
    [pieces, held, passing] = [[], 0, false];
  };
  const take = (piece: Buffer) => {
    if (passing) return;
    pieces.push(piece);
    held += piece.length;
    if (held > longest) [pieces, held, passing] = [[], 0, true];
  };
  return (bytes) => {
    let from = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      take(bytes.subarray(from, at));
      end();
      from = at + 1;
    }
    if (from < bytes.length) take(bytes.subarray(from));
  };
}

/** In bytes: an event and what stands around it. */
export const longestLine = 1024 * 1024;

const Id = z.union([z.string(), z.number()]).optional();
const Level = z.enum(["debug", "info", "warn", "error"]);
const Name = z.string().min(1).max(256);
const longestKey = 1024;

const shapes = {
  trigger: z
    .object({
      trigger: z.string().min(1),
      payload: z.unknown().optional(),
      key: z.union([z.string().min(1).max(longestKey), z.number().transform(String)]).nullish(),
      id: Id,
    })
    .transform(({ trigger, payload = {}, key, id }): Said => ({
      kind: "event",
      trigger,
      payload,
      ...(key == null ? {} : { key }),
      ...idOf(id),
    })),
  get: z.object({ get: Name, id: Id }).transform(({ get: name, id }): Said => ({ kind: "get", name, ...idOf(id) })),
  set: z
    .object({ set: Name, value: z.unknown().optional(), ttl: z.number().positive().optional(), id: Id })
    .transform(({ set: name, value = null, ttl, id }): Said => ({
      kind: "set",
      name,
      value,
      ...(ttl === undefined ? {} : { ttl }),
      ...idOf(id),
    })),
  delete: z.object({ delete: Name, id: Id }).transform(({ delete: name, id }): Said => ({ kind: "delete", name, ...idOf(id) })),
  log: z
    .object({ log: z.string(), level: Level.default("info") })
    .transform(({ log: text, level }): Said => ({ kind: "log", level, text })),
  looking: z.object({ looking: z.boolean() }).transform(({ looking: is }): Said => ({ kind: "looking", is })),
  failed: z.object({ failed: z.string() }).transform(({ failed: why }): Said => ({ kind: "failed", why })),
} as const satisfies Record<string, z.ZodType<Said>>;

const words = Object.keys(shapes) as (keyof typeof shapes)[];
const answered: ReadonlySet<string> = new Set(["trigger", "get", "set", "delete"]);

function idIn(value: object): LineId | undefined {
  return "id" in value ? Id.safeParse(value.id).data : undefined;
}

function idOf(id: LineId | undefined): { id?: LineId } {
  return id === undefined ? {} : { id };
}
