import { problem } from "@bellhop/contracts";
import type { z } from "zod";

/** How a value is kept. */
export interface KvOptions {
  /** Seconds until it is not there any more. */
  readonly ttl?: number;
  /** Whether it is sealed where it is stored, and masked in what the run shows. */
  readonly secret?: boolean;
  readonly description?: string;
}

/** Values by name: text, or anything that is JSON, up to 256 KiB each. */
export interface KvSpace {
  /** The value; undefined where there is none. With a schema it is checked and typed: one that does not fit throws. */
  get(name: string): Promise<unknown>;
  get<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema> | undefined>;
  /** Resolves when it is stored: whatever is asked afterwards finds it. */
  set(name: string, value: unknown, options?: KvOptions): Promise<void>;
  /** Makes a value of the one before, with nobody else's change in between: `change` is called again where there was one.
   *  @param change gets undefined where there is none
   *  @returns what is kept now */
  update<Value>(name: string, change: (before: unknown) => Value | Promise<Value>, options?: KvOptions): Promise<Value>;
  /** @returns whether there was one */
  delete(name: string): Promise<boolean>;
  /** The names there are, sorted. @param prefix what they begin with */
  list(prefix?: string): Promise<string[]>;
}

/** The datastore, as an action sees it: the values of its own pack, and those of the whole installation. */
export interface PackKv extends KvSpace {
  /** `st2kv.system` in templates. An installation may keep packs away from it. */
  readonly system: KvSpace;
}

/** What an action asks of its host. */
export type KvAsk = { readonly scope: "pack" | "system" } & (
  | { readonly op: "get"; readonly name: string }
  | ({ readonly op: "set"; readonly name: string; readonly value: unknown; readonly ifRevision?: number } & KvOptions)
  | { readonly op: "delete"; readonly name: string }
  | { readonly op: "list"; readonly prefix: string }
);

/** What it is answered. `problem`: what `Problem.data` holds. */
export type KvAnswer =
  | { readonly kind: "found"; readonly value: unknown; readonly revision: number }
  | { readonly kind: "none" }
  | { readonly kind: "set" | "conflict" }
  | { readonly kind: "deleted"; readonly was: boolean }
  | { readonly kind: "listed"; readonly names: readonly string[] };

/** Answers what an action asks of the datastore. It rejects with a Problem where it can't. */
export type KvHost = (ask: KvAsk) => Promise<KvAnswer>;

/** What an action works with, of what its host answers. */
export function packKv(host: KvHost): PackKv {
  return { ...space("pack", host), system: space("system", host) };
}

/** A datastore of its own for one action: for tests. @param values of its pack, by name; under `system`, those of the installation */
export function memoryKv(values: Map<string, unknown>): KvHost {
  const revisions = new Map<string, number>();
  return async (ask) => {
    const prefix = ask.scope === "system" ? "system." : "";
    if (ask.op === "list") {
      const names = [...values.keys()].filter((key) => (prefix === "" ? !key.startsWith("system.") : key.startsWith(prefix)));
      return { kind: "listed", names: names.map((key) => key.slice(prefix.length)).filter((name) => name.startsWith(ask.prefix)) };
    }
    const key = prefix + ask.name;
    const revision = values.has(key) ? (revisions.get(key) ?? 1) : 0;
    if (ask.op === "get") return revision === 0 ? { kind: "none" } : { kind: "found", value: values.get(key), revision };
    if (ask.op === "delete") return { kind: "deleted", was: values.delete(key) };
    if (ask.ifRevision !== undefined && ask.ifRevision !== revision) return { kind: "conflict" };
    values.set(key, structuredClone(ask.value));
    revisions.set(key, revision + 1);
    return { kind: "set" };
  };
}

/** Who loses so often against others is told. */
const mostTries = 16;

function space(scope: "pack" | "system", host: KvHost): KvSpace {
  async function get<Schema extends z.ZodType>(name: string, schema?: Schema): Promise<unknown> {
    const answer = await host({ scope, op: "get", name });
    if (answer.kind !== "found") return undefined;
    return schema === undefined ? answer.value : await schema.parseAsync(answer.value);
  }
  return {
    get,
    async set(name, value, options = {}) {
      await host({ scope, op: "set", name, value, ...options });
    },
    async update(name, change, options = {}) {
      for (let tries = 0; tries < mostTries; tries++) {
        const before = await host({ scope, op: "get", name });
        const found = before.kind === "found" ? before : undefined;
        const value = await change(found?.value);
        const written = await host({ scope, op: "set", name, value, ifRevision: found?.revision ?? 0, ...options });
        if (written.kind === "set") return value;
      }
      throw problem("kv_busy", { name });
    },
    async delete(name) {
      const answer = await host({ scope, op: "delete", name });
      return answer.kind === "deleted" && answer.was;
    },
    async list(prefix = "") {
      const answer = await host({ scope, op: "list", prefix });
      return answer.kind === "listed" ? answer.names.toSorted() : [];
    },
  };
}
