import type { Receipt, Send } from "@bellhop/contracts";

export type Step =
  /** It is said, or something newer is: acknowledge and drop. */
  | { readonly kind: "done" }
  | { readonly kind: "post" }
  | { readonly kind: "edit"; readonly ref: string }
  /** Somebody who lives is at it. */
  | { readonly kind: "wait" }
  /** It was begun and nobody knows how it ended. */
  | { readonly kind: "look" };

/** What a send needs, given what its receipt says.
 *  @param at.mayFinish whether whoever wrote the receipt may still be at it; never true of ourselves, who do one thing at a time per key */
export function nextStep(send: Send, receipt: Receipt | undefined, at: { canEdit: boolean; mayFinish: boolean }): Step {
  if (receipt === undefined) return { kind: "post" };
  if (receipt.revision > send.revision) return { kind: "done" };
  switch (receipt.state) {
    case "failed":
      return receipt.revision === send.revision ? { kind: "done" } : { kind: "post" };
    case "sent":
      if (receipt.revision === send.revision) return { kind: "done" };
      return at.canEdit && receipt.ref !== undefined ? { kind: "edit", ref: receipt.ref } : { kind: "post" };
    case "sending":
      if (at.mayFinish) return { kind: "wait" };
      // Rewording what stands can be done twice; a new message can't.
      return receipt.ref === undefined ? { kind: "look" } : { kind: "edit", ref: receipt.ref };
  }
}

/** Names one piece of one wording, for ever. A piece that is said anew in a later wording is another. */
export function pieceKey({ key, revision }: Pick<Send, "key" | "revision">, index: number): string {
  return `${key}/${revision}.${index}`;
}
