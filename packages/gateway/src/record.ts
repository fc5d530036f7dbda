import type { Piece, Receipt, Send } from "@bellhop/contracts";
import { point, type Log } from "@bellhop/service";
import type { Adapter } from "./adapter.ts";
import type { Ledger } from "./ledger.ts";
import { placeOf, type ReadFile } from "./piece-call.ts";
import type { Wording } from "./wording.ts";

/** The receipt of a send in the hands of who says it. */
export interface SendRecord {
  readonly receipt: Receipt | undefined;
  /** Writes down what is known, under our name; stored by the next {@link SendRecord.save}. */
  note(wording: Wording, facts: Facts): void;
  /** Takes over what is stored already but for some facts. */
  correct(receipt: Receipt, pieces: readonly Piece[]): void;
  /** What a call gave: nobody knows of it until it is saved. */
  gave(outcome: Outcome): void;
  /** False: somebody else has written, and what they know counts from now on. */
  save(): Promise<boolean>;
}

export interface Facts {
  readonly state: Receipt["state"];
  readonly pieces: readonly Piece[];
  /** Since when it is so, ISO 8601; now unless told. */
  readonly at?: string;
  readonly why?: string;
}

export interface Outcome {
  readonly index: number;
  /** The platform's name for what stands now and did not before. */
  readonly posted?: string;
}

interface RecordOptions {
  ledger: Ledger;
  /** Who writes. */
  by: string;
  send: () => Send;
  adapter: Pick<Adapter, "remove">;
  read: ReadFile;
  log: Log;
}

export function createRecord({ ledger, by, send, adapter, read, log }: RecordOptions): SendRecord {
  let unrecorded: Outcome | undefined;

  /** Our lease went over during a call, and whoever took over has said the piece anew: ours is one too many. */
  async function takeBackDouble({ index, posted }: Outcome): Promise<void> {
    const theirs = ledger.receipt?.pieces[index]?.ref;
    if (posted === undefined || theirs === undefined || theirs === posted) return;
    log.warn({ ours: posted, theirs }, "a piece stands twice, ours is taken back");
    const ours = send();
    await adapter
      .remove?.({ ...placeOf(ours, { revision: ours.revision, index, read }), ref: posted })
      .catch((error: unknown) => log.warn({ why: String(error) }, "it could not be taken back"));
  }

  return {
    get receipt() {
      return ledger.receipt;
    },
    note({ send: { key, revision }, late }, { state, pieces, at = new Date().toISOString(), why }) {
      ledger.note({ v: 1, key, revision, state, by, at, pieces: [...pieces], ...(late && { late }), ...(why && { why }) });
    },
    correct(receipt, pieces) {
      ledger.note({ ...receipt, by, pieces: [...pieces] });
    },
    gave(outcome) {
      unrecorded = outcome;
    },
    async save() {
      const outcome = unrecorded;
      unrecorded = undefined;
      const isOurs = await ledger.save();
      if (outcome !== undefined && isOurs) point("gateway.recorded");
      if (outcome !== undefined && !isOurs) await takeBackDouble(outcome);
      return isOurs;
    },
  };
}
