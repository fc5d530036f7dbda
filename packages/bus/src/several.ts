import { problem, readWire, type Read, type Subject } from "@bellhop/contracts";
import type { Several } from "./delivery.ts";

/** What came, and on which of the subjects. */
export type OneOf<Payloads> = {
  [Kind in keyof Payloads & string]: { readonly kind: Kind; readonly payload: Payloads[Kind] };
}[keyof Payloads & string];

/** Several subjects as one, so that `consume` keeps the order between them; each under the name that its payloads go by. */
export function several<Payloads extends object>(subjects: {
  readonly [Kind in keyof Payloads]: Subject<Payloads[Kind]>;
}): Several<OneOf<Payloads>> {
  const readers = (Object.keys(subjects) as (keyof Payloads & string)[]).map((kind) => readerOf(kind, subjects[kind]));
  return {
    read(subject, raw) {
      const reader = readers.find((one) => one.fits(subject));
      if (reader !== undefined) return reader.read(raw);
      return { kind: "invalid", problem: problem("message_invalid", { subject, why: "it was not asked for" }) };
    },
  };
}

function readerOf<Payloads, Kind extends keyof Payloads & string>(kind: Kind, subject: Subject<Payloads[Kind]>) {
  const wanted = subject.filter().split(".");
  return {
    fits(concrete: string): boolean {
      const parts = concrete.split(".");
      return parts.length === wanted.length && wanted.every((part, index) => part === "*" || part === parts[index]);
    },
    read(raw: unknown): Read<OneOf<Payloads>> {
      const read = readWire(subject, raw);
      return read.kind === "ok" ? { kind: "ok", payload: { kind, payload: read.payload } } : read;
    },
  };
}
