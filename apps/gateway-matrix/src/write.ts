import { textWithCards, type Choices, type FileRef, type Send } from "@bellhop/contracts";
import { choiceLines, pressables } from "@bellhop/gateway";
import { compose, writeMatrix } from "@bellhop/gateway/markdown";

/** What one event says. */
export type MatrixPiece = WordsPiece | FilePiece;

export interface WordsPiece {
  readonly kind: "words";
  readonly text: string;
  readonly html: string;
  /** Whom it calls: user ids. */
  readonly mentions: readonly string[];
  /** What reactions to it mean. */
  readonly pressable?: Pressable;
  /** Begins what is said to one person alone, elsewhere than they asked. */
  readonly headed?: true;
}

/** Which reaction stands for which choice of a press. Travels in the event itself, so that whoever hears of a reaction to it knows. */
export interface Pressable {
  readonly press: string;
  readonly keys: readonly { readonly key: string; readonly choice: number; readonly value?: string }[];
}

export interface FilePiece {
  readonly kind: "file";
  readonly name: string;
  readonly type: string;
  readonly content: { readonly kind: "text"; readonly text: string } | { readonly kind: "kept"; readonly file: FileRef };
}

/** An event may have 65,536 bytes, its envelope and our key among them, and an edit says its words twice: one limit for both, or an edit could not say
 *  what a post did. A whisper's heading finds its place beside it. */
const limit = { n: 28_000, unit: "bytes" } as const;

/** A send as Matrix' events: its text in parts, or as a file where it is too long for a chat; then what is attached. */
export function write({ body, only }: Send): readonly MatrixPiece[] {
  const mentions = body.mentions?.map(({ token, person }) => ({ token, platformId: person }));
  const { choices } = body;
  const lines = choices === undefined ? [] : [choiceLines(choices, { number: (nth) => numbers[nth], hint: hintOf(choices) })];
  const composed = compose([textWithCards(body), ...lines].join("\n\n"), { write: writeMatrix, limit, mentions });
  const said: MatrixPiece[] =
    composed.kind === "parts"
      ? composed.parts.map(wordsPiece)
      : [
          wordsPiece(composed.intro),
          { kind: "file", name: composed.name, type: "text/markdown", content: { kind: "text", text: composed.text } },
        ];
  const pieces = [...(choices === undefined ? said : withPressable(said, choices)), ...(body.files ?? []).map(attached)];
  const [first = wordsPiece({ text: "", html: "", mentions: [] }), ...rest] = pieces;
  return [only !== undefined && first.kind === "words" ? { ...first, headed: true } : first, ...rest];
}

/** Reactions that stand for the first, second, … thing to press. */
const numbers = ["1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣", "9️⃣", "🔟"];

function hintOf(choices: Choices): string {
  return pressables(choices).length > 0 ? "React with a number, or say the words to me." : "Say the words to me.";
}

function withPressable(said: readonly MatrixPiece[], choices: Choices): MatrixPiece[] {
  const keys = pressables(choices).flatMap(({ choice, value }, nth) => {
    const key = numbers[nth];
    return key === undefined ? [] : [{ key, choice, ...(value === undefined ? {} : { value }) }];
  });
  const at = said.findLastIndex(({ kind }) => kind === "words");
  return said.map((piece, index) =>
    index === at && piece.kind === "words" ? { ...piece, pressable: { press: choices.press, keys } } : piece,
  );
}

/** Instead of a file that can't be shown. */
export function aboutFile(name: string, why: string): WordsPiece {
  const children = [
    { type: "inlineCode", value: name },
    { type: "text", value: `: ${why}` },
  ] as const;
  return wordsPiece(writeMatrix([{ type: "paragraph", children: [...children] }], []));
}

/** What is said in the room to who can't be told alone. */
export function insteadOfWhisper(person: string): WordsPiece {
  const mentions = [{ token: "{who}", platformId: person }];
  const value = "{who}: the answer is for you alone, and I can't invite you to a room of our own.";
  return wordsPiece(writeMatrix([{ type: "paragraph", children: [{ type: "text", value }] }], mentions));
}

function attached(file: FileRef): MatrixPiece {
  if (file.object === undefined) return aboutFile(file.name, reasons[file.lost ?? "unreadable"]);
  return { kind: "file", name: file.name, type: file.type, content: { kind: "kept", file } };
}

const reasons: Readonly<Record<NonNullable<FileRef["lost"]>, string>> = {
  too_large: "too large to be kept",
  unreadable: "could not be read",
  too_many: "not shown, there are too many",
};

/** Clients do not show what is nothing, such as a quote with no words in it. */
function wordsPiece({ text, html, mentions }: Omit<WordsPiece, "kind">): WordsPiece {
  return text.trim() === "" ? { kind: "words", text: " ", html: "&nbsp;", mentions } : { kind: "words", text, html, mentions };
}
