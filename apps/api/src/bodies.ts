import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { later, type Refusal } from "./refusal.ts";

/** A request of Node's: its body is read without what the web's streams cost. */
export type Incoming = Readable & { readonly headers: IncomingHttpHeaders };

/** Reads bodies: none further than it may be, and all that are in hand no further than memory bears. */
export interface Bodies {
  /** All of it, held until {@link release}. */
  read(request: Incoming): Promise<{ bytes: Uint8Array } | Refusal>;
  /** The request is answered. */
  release(request: Incoming): void;
}

/** @param limit of one, in bytes
 *  @param together of all that are in hand, in bytes: where that is reached, whoever has taken longest over a body is cut off */
export function openBodies({ limit, together }: { limit: number; together: number }): Bodies {
  const held = new Map<Incoming, number>();
  let sum = 0;
  /** Those that still come, longest first. */
  const coming = new Map<Incoming, (refusal: Refusal) => void>();

  const hold = (request: Incoming, size: number) => {
    sum += size;
    held.set(request, (held.get(request) ?? 0) + size);
    for (const [, give] of coming) if (sum > together) give(slow);
  };
  const release = (request: Incoming) => {
    sum -= held.get(request) ?? 0;
    held.delete(request);
  };

  return {
    release,
    async read(request) {
      const { "content-length": length, "content-encoding": encoding = "identity" } = request.headers;
      if (Number(length ?? 0) > limit) return large(limit);
      if (encoding.trim().toLowerCase() !== "identity") return encoded(encoding);
      if (request.destroyed) return cut;
      return await new Promise((resolve) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const over = (result: { bytes: Uint8Array } | Refusal) => {
          coming.delete(request);
          request.off("data", more).off("end", end).off("close", gone);
          resolve(result);
        };
        const more = (chunk: Buffer) => {
          size += chunk.length;
          if (size > limit) return over(large(limit));
          chunks.push(chunk);
          hold(request, chunk.length);
        };
        const end = () =>
          over(sum > together ? later : { bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks) });
        const gone = () => over(cut);
        coming.set(request, (refusal) => {
          release(request);
          over(refusal);
        });
        // Its end is told by `close` as well.
        request.on("error", () => {});
        request.on("data", more).once("end", end).once("close", gone);
      });
    },
  };
}

const cut: Refusal = { status: 400, code: "body_cut", message: "The body ended before it was whole.", hint: "Send it again." };
const slow: Refusal = { ...later, message: "Others sent faster, and there is no more room." };

function large(limit: number): Refusal {
  const hint = "Send less, or set api.bodyLimit in bellhop.yaml.";
  return { status: 413, code: "body_large", message: `The body is larger than ${limit} bytes.`, hint };
}

/** Nothing is unpacked for anybody. */
function encoded(encoding: string): Refusal {
  const message = `A body that is packed (Content-Encoding: ${encoding.slice(0, 100)}) can't be taken.`;
  return { status: 415, code: "body_encoded", message, hint: "Send it as it is." };
}
