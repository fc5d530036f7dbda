/** A refusal, as it is answered. */
export interface Refusal {
  status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 429 | 431 | 500 | 503;
  code: string;
  message: string;
  hint?: string;
  headers?: Record<string, string>;
}

/** A refusal's body: JSON. */
export function refusalBody({ code, message, hint = "" }: Pick<Refusal, "code" | "message" | "hint">): string {
  return JSON.stringify({ error: { code, message, hint } });
}

/** A refusal of what has come to no route. */
export function refusalOf(refusal: Refusal): Response {
  const { status, headers } = refusal;
  return new Response(refusalBody(refusal), { status, headers: { "Content-Type": "application/json", ...headers } });
}

export function unauthorized(message: string): Refusal {
  const hint = "`bellhop api-key create NAME --scope SCOPE` makes one; send it as `Authorization: Bearer KEY`.";
  return { status: 401, code: "key_missing", message, hint, headers: { "WWW-Authenticate": "Bearer" } };
}

export function unsigned(fault: string): Refusal {
  return { status: 401, code: "signature_wrong", message: `${fault}.`, hint: "Sign with the secret that bellhop.yaml has for this hook." };
}

export function unknownHook(path: string): Refusal {
  const message = `No rule waits for the webhook ${path.slice(0, 200)}.`;
  return { status: 404, code: "hook_unknown", message, hint: "`bellhop webhook list` shows what rules wait for." };
}

export function unknownTrigger(trigger: unknown): Refusal {
  const named = typeof trigger === "string" ? `There is no trigger ${trigger.slice(0, 200)}.` : "The body names no trigger.";
  return { status: 400, code: "trigger_unknown", message: named, hint: 'Send {"trigger": "pack.name", "payload": {…}}.' };
}

export function misfit(trigger: string, why: string): Refusal {
  return {
    status: 400,
    code: "payload_unfit",
    message: `This does not fit ${trigger.slice(0, 200)}: ${why}.`,
    hint: "`api: {checkTriggers: false}` of bellhop.yaml lets it through.",
  };
}

export const plain: Refusal = { status: 400, code: "body_plain", message: "The body has to be an object or a list.", hint: "" };
export const onlyPost: Refusal = { status: 405, code: "method", message: "Only POST.", headers: { Allow: "POST" } };
export const nothing: Refusal = {
  status: 404,
  code: "nothing_here",
  message: "There is nothing here.",
  hint: "/v1/openapi.json says what there is.",
};
export const later: Refusal = {
  status: 503,
  code: "try_later",
  message: "It could not be stored now.",
  hint: "Send it again.",
  headers: { "Retry-After": "5" },
};
export const broken: Refusal = {
  status: 500,
  code: "internal",
  message: "Something went wrong inside Bellhop.",
  hint: "Its log says what.",
};
