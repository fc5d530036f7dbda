import type { FileRef, Receipt, Send } from "@bellhop/contracts";
import type { Adapter, Place, Resolution, SendResult } from "./adapter.ts";
import type { Turn } from "./calls.ts";
import { indexOf, pieceKey, type CallStep } from "./next-step.ts";
import type { Wording } from "./wording.ts";

/** The bytes of a file that a send refers to; undefined where nobody has them any more. */
export type ReadFile = (file: FileRef) => Promise<Uint8Array | undefined>;

interface PieceCall {
  adapter: Adapter;
  turn: Turn;
  wording: Wording;
  read: ReadFile;
}

/** Makes a step's one call to the platform. A piece whose file is gone counts as refused: adapters read what they send before they send it. */
export async function callPiece(at: PieceCall & { step: CallStep; again: boolean }): Promise<SendResult> {
  const { adapter, turn, wording, step, again } = at;
  const { send, pieces } = wording;
  let missing: string | undefined;
  const read = async (file: FileRef) => {
    const bytes = await at.read(file);
    if (bytes === undefined) missing = file.name;
    return bytes;
  };
  const index = indexOf(step);
  const place = placeOf(send, { revision: send.revision, index, again, read });
  const result = await turn.make(
    async () => (await made(step, pieces[index], place)) ?? { kind: "refused", why: `${adapter.platform} can't ${step.kind}` },
  );
  return result.kind === "unsure" && missing !== undefined ? { kind: "refused", why: `the file ${missing} is gone` } : result;

  function made(call: CallStep, piece: unknown, to: Place): Promise<SendResult> | undefined {
    switch (call.kind) {
      case "post":
        return adapter.post(piece, to);
      case "reword":
        return adapter.reword?.(piece, { ...to, ref: call.ref });
      case "remove":
        return adapter.remove?.({ ...to, ref: call.ref });
      case "react": {
        const { gesture } = send;
        return gesture?.kind === "reaction"
          ? adapter.react?.({ to: send.to, emoji: gesture.emoji, gone: gesture.gone ?? false })
          : undefined;
      }
    }
  }
}

/** Looks whether the piece stands that the receipt says was tried, in whichever wording that was. */
export function findPiece(at: PieceCall & { receipt: Receipt; index: number }): Promise<Resolution> {
  const { adapter, turn, wording, receipt, index, read } = at;
  const { send, pieces } = wording;
  const place = placeOf(send, { revision: receipt.revision, index, read });
  const piece = pieces[index] ?? pieces.at(-1);
  return turn.make(async () => (await adapter.find?.(piece, { ...place, since: receipt.at })) ?? { kind: "not-there" });
}

export function placeOf(
  { key, to, only }: Send,
  { revision, index, again, read }: { revision: number; index: number; again?: boolean; read: ReadFile },
): Place {
  return {
    to,
    key: pieceKey({ key, revision }, index),
    only,
    again,
    revision,
    async read(file) {
      const bytes = await read(file);
      if (bytes === undefined) throw new Error(`the file ${file.name} is gone`);
      return bytes;
    },
  };
}
