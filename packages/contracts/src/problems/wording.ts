/** `{names}` are filled from the details; `hint` says what this reader can do next; `retry` is the one question the machinery asks: deliver again
 *  later, or tell the person and be done. */
export type Wording = { message: string; hint: string; retry: boolean };
