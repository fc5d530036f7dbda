import { createHash } from "node:crypto";
import { limits, type Form, type Mark } from "@bellhop/contracts";
import type { Heard, Inbox } from "./adapter.ts";

/** An inbox in memory, for tests of an adapter. */
export interface TestInbox extends Inbox {
  /** Everything that was given to it, in order. */
  readonly heard: readonly Heard[];
  /** What is kept, by the `object` of its reference. */
  readonly kept: ReadonlyMap<string, Uint8Array>;
  /** Marks by place. The map given to {@link testInbox}, where there was one. */
  readonly marked: Map<string, Mark>;
}

/** @param options.receive called for each that is heard; what it throws is what storing throws
 *  @param options.marked marks of an earlier inbox, to read on from
 *  @param options.awaits the threads in which everybody is asked something, and the channels in which it is answered below what we said
 *  @param options.forms by the presses that open them */
export function testInbox(
  options: {
    receive?: (heard: Heard) => unknown;
    marked?: Map<string, Mark>;
    forms?: ReadonlyMap<string, Form>;
    awaits?: ReadonlySet<string>;
  } = {},
): TestInbox {
  const { receive, forms, awaits, marked = new Map<string, Mark>() } = options;
  const heard: Heard[] = [];
  const kept = new Map<string, Uint8Array>();
  return {
    heard,
    kept,
    marked,
    awaits: ({ conversation, below = false }) => awaits?.has(conversation.thread ?? (below ? conversation.channel : "")) ?? false,
    async receive(one) {
      heard.push(one);
      await receive?.(one);
    },
    async keep({ name, type, bytes, open }) {
      if (bytes > limits.file) return { name, type, bytes, lost: "too_large" };
      try {
        const content = new Uint8Array(await new Response(await open()).arrayBuffer());
        const object = createHash("sha256").update(content).digest("hex");
        kept.set(object, content);
        return { name, type, bytes: content.byteLength, object };
      } catch {
        return { name, type, bytes, lost: "unreadable" };
      }
    },
    form: async (press) => forms?.get(press),
    prefix: () => "!",
    marks: {
      read: async () => new Map(marked),
      reach: (mark) => void marked.set(mark.place, { v: 1, at: new Date().toISOString(), ...mark }),
    },
  };
}
