import type { Piece, Receipt, Send } from "@bellhop/contracts";

/** What a send needs next. `post`, `reword`, `remove` and `react` are calls to the platform. */
export type Step =
  /** It is said, or something newer is: acknowledge and drop. */
  | { readonly kind: "done" }
  /** A piece of the wording before it was tried, and nobody knows how that ended: that wording has to be finished first. */
  | { readonly kind: "earlier" }
  /** A piece was tried, and nobody knows how that ended. */
  | { readonly kind: "look"; readonly index: number }
  | { readonly kind: "post"; readonly index: number }
  | { readonly kind: "reword"; readonly index: number; readonly ref: string }
  | { readonly kind: "remove"; readonly index: number; readonly ref: string }
  | { readonly kind: "react" }
  /** Everything is said: it is to be recorded. */
  | { readonly kind: "finish" };

export type CallStep = Extract<Step, { kind: "post" | "reword" | "remove" | "react" }>;

/** What the platform can do. */
export interface Can {
  readonly reword: boolean;
  readonly remove: boolean;
}

/** @param at.count how many pieces the send is written in
 *  @param at.blind the wording before is not to be had any more: its tried piece is looked for all the same */
export function nextStep(
  send: Pick<Send, "revision" | "gesture">,
  receipt: Receipt | undefined,
  at: { count: number; can: Can; blind: boolean },
): Step {
  if (receipt !== undefined) {
    if (receipt.revision > send.revision) return { kind: "done" };
    const doubtful = inDoubt(receipt);
    if (doubtful !== undefined) {
      return receipt.revision === send.revision || at.blind ? { kind: "look", index: doubtful } : { kind: "earlier" };
    }
    if (receipt.state !== "sending" && receipt.revision === send.revision) return { kind: "done" };
  }
  if (send.gesture !== undefined) return { kind: "react" };
  const pieces = piecesFor(send, receipt, at.can);
  const first = pieces.findIndex(({ state }, index) => index < at.count && state !== "sent");
  const ref = pieces[first]?.ref;
  if (first >= 0 && ref !== undefined) return { kind: "reword", index: first, ref };
  if (pieces.length < at.count) return { kind: "post", index: pieces.length };
  const last = at.can.remove ? pieces.findLastIndex(({ state }, index) => index >= at.count && state === "sending") : -1;
  const left = pieces[last]?.ref;
  if (left !== undefined) return { kind: "remove", index: last, ref: left };
  return { kind: "finish" };
}

/** The piece that was tried and of which nobody knows whether it stands. Rewording and removing can be done twice; a new message can't. */
function inDoubt(receipt: Receipt): number | undefined {
  const index = receipt.state === "sending" ? receipt.pieces.findIndex(({ state, ref }) => state === "sending" && ref === undefined) : -1;
  return index < 0 ? undefined : index;
}

/** The pieces a wording begins with: what stands of the one before is all still to be reworded, and is forgotten where it can't be. */
export function piecesFor({ revision }: Pick<Send, "revision">, receipt: Receipt | undefined, can: Can): readonly Piece[] {
  if (receipt === undefined) return [];
  if (receipt.revision === revision) return receipt.pieces;
  return can.reword ? receipt.pieces.flatMap(({ ref }) => (ref === undefined ? [] : [{ state: "sending" as const, ref }])) : [];
}

/** The pieces while the step's call is under way. */
export function piecesDuring(pieces: readonly Piece[], step: CallStep): readonly Piece[] {
  return step.kind === "post" ? [...pieces.slice(0, step.index), { state: "sending" }] : pieces;
}

/** The pieces after the step's call. `gone`: it surely did nothing. */
export function piecesAfter(
  pieces: readonly Piece[],
  step: CallStep,
  end: { kind: "sent"; ref: string } | { kind: "refused" | "gone" },
): readonly Piece[] {
  if (step.kind === "react") return pieces;
  if (end.kind === "gone") return step.kind === "post" ? pieces.slice(0, step.index) : pieces;
  if (end.kind === "sent" && step.kind === "remove") return pieces.toSpliced(step.index, 1);
  const piece: Piece =
    end.kind === "sent" ? { state: "sent", ref: end.ref } : { state: "failed", ...(step.kind === "post" ? {} : { ref: step.ref }) };
  return pieces.with(step.index, piece);
}

/** The piece that a call is about. */
export function indexOf(step: CallStep): number {
  return step.kind === "react" ? 0 : step.index;
}

/** Names one piece of one wording, for ever. A piece that is said anew in a later wording is another. */
export function pieceKey({ key, revision }: Pick<Send, "key" | "revision">, index: number): string {
  return `${key}/${revision}.${index}`;
}
