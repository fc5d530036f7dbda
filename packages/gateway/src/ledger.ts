import type { Receipt } from "@bellhop/contracts";
import type { Bucket } from "@bellhop/bus";

/** The receipt of one send: as it is stored, or ahead of that by what was noted since. */
export interface Ledger {
  readonly receipt: Receipt | undefined;
  readonly isAhead: boolean;
  note(receipt: Receipt): void;
  /** Stores what was noted. False: somebody else wrote in between, and theirs is what counts now. */
  save(): Promise<boolean>;
}

/** @param at.fresh there is most likely none: it is not asked for. Where there is one after all, the first {@link Ledger.save} finds it */
export async function openLedger(receipts: Bucket<Receipt>, { key, fresh }: { key: string; fresh: boolean }): Promise<Ledger> {
  let stored = fresh ? undefined : await receipts.get(key);
  let receipt = stored?.value;
  return {
    get receipt() {
      return receipt;
    },
    get isAhead() {
      return receipt !== stored?.value;
    },
    note(next) {
      receipt = next;
    },
    async save() {
      if (receipt === undefined || receipt === stored?.value) return true;
      const value = receipt;
      const revision = stored === undefined ? await receipts.create(key, value) : await receipts.update(key, value, stored.revision);
      if (revision === undefined) {
        stored = await receipts.get(key);
        receipt = stored?.value;
        return false;
      }
      stored = { key, value, revision, createdAt: 0 };
      return true;
    },
  };
}
