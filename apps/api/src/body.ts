/** What a body was understood as, or why it can't be. */
export type BodyRead = { kind: "ok"; value: unknown } | { kind: "fault"; status: 400 | 415; message: string };

/** How deep lists and objects may be nested: enough for every payload that people send, and shallow enough for whatever walks through it after us. */
const deepest = 64;

/** Reads a body as its type says: JSON, or a form, whose fields become an object. */
export function readBody(bytes: Uint8Array, contentType: string | undefined): BodyRead {
  const type = (contentType ?? "application/json").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType ?? "")?.[1] ?? "";
  // Most who name another write ASCII all the same, which is UTF-8.
  if (!/^(utf-?8)?$/i.test(charset) && !isAscii(bytes)) {
    return { kind: "fault", status: 415, message: `A body in ${charset.slice(0, 40)} can't be taken: send UTF-8.` };
  }
  const text = utf8(bytes);
  if (text === undefined) return { kind: "fault", status: 400, message: "The body is not UTF-8." };
  if (type === "application/json" || type.endsWith("+json")) return readJsonBody(text);
  if (type === "application/x-www-form-urlencoded") {
    // GitHub can send its JSON as the field `payload` of a form; rules see it as StackStorm shows it to them: as the form's field.
    return { kind: "ok", value: Object.fromEntries(new URLSearchParams(text)) };
  }
  return {
    kind: "fault",
    status: 415,
    message: `A body of type ${type === "" ? "(none)" : type.slice(0, 100)} can't be taken: send JSON or a form.`,
  };
}

export function readJsonBody(text: string): BodyRead {
  if (depthOver(text, deepest)) return { kind: "fault", status: 400, message: `The body is nested more than ${deepest} levels deep.` };
  try {
    return { kind: "ok", value: JSON.parse(text) as unknown };
  } catch (error) {
    return { kind: "fault", status: 400, message: `The body is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte !== 0 && byte < 0x80);
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether brackets outside of texts nest deeper. Looked at before it is parsed: a parsed one would have to be walked. */
function depthOver(text: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === quote) {
      for (at++; at < text.length && text.charCodeAt(at) !== quote; at++) if (text.charCodeAt(at) === backslash) at++;
    } else if (char === brace || char === bracket) {
      if (++depth > most) return true;
    } else if (char === closingBrace || char === closingBracket) depth--;
  }
  return false;
}

const [quote, backslash, brace, closingBrace, bracket, closingBracket] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];
