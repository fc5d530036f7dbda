import { jinjaOutline, type JinjaOutline } from "@bellhop/expression";
import { templateFault } from "../template.ts";

/** A value of a command that arrives as it is, and is then read as code once more by what it is given to. */
export interface ShellDoubt {
  /** Of the value, from 0. */
  readonly offset: number;
  readonly expression: string;
  /** Who reads it again. */
  readonly reader: string;
  /** `number`: whoever reads it calculates, so nothing but a number is safe there. */
  readonly as: "code" | "remote" | "number";
}

/** Where quoting does not help, as far as it can be seen: programs that are given code, shells at the other end of ssh, and what bash calculates. Each value is
 *  told of once. It reads words as shells do in plain cases; a place that it misses is no worse off than before. */
export function shellDoubts(template: string): ShellDoubt[] {
  if (templateFault(template) !== undefined) return [];
  const values: { offset: number; expression: string }[] = [];
  const text = flat(jinjaOutline(template), values);
  const assigned = new Map<string, readonly number[]>();
  const found = new Map<number, Omit<ShellDoubt, "offset" | "expression">>();
  const tell = (indexes: readonly number[], doubt: { reader: string; as: ShellDoubt["as"] }) => {
    for (const index of indexes) if (!found.has(index)) found.set(index, doubt);
  };
  /** Its own values, and those of the variables that it names. */
  const reached = (word: Word | undefined) =>
    word === undefined ? [] : [...word.values, ...namesIn(word.text).flatMap((name) => assigned.get(name) ?? [])];
  for (const words of commandsOf(text)) {
    for (const { text: word, values: within } of words) {
      const name = /^([A-Za-z_]\w*)=/.exec(word)?.[1];
      if (name !== undefined && within.length > 0) assigned.set(name, within);
    }
    for (const [index, word] of words.entries()) {
      const program = word.text.replace(/^.*\//, "");
      const rest = words.slice(index + 1);
      const option = codeOptions.find(([programs]) => programs.test(program))?.[1];
      if (option !== undefined) {
        const at = rest.findIndex((one) => option.test(one.text));
        if (at >= 0) tell(rest[at + 1]?.values ?? [], { reader: `${program} ${rest[at]?.text}`, as: "code" });
      } else if (program === "eval") for (const one of rest) tell(reached(one), { reader: "eval", as: "code" });
      else if (program === "ssh") for (const one of afterHost(rest)) tell(reached(one), { reader: "ssh", as: "remote" });
      else if (program === "[[") {
        for (const [place, one] of rest.entries()) {
          if (!/^-(?:eq|ne|lt|le|gt|ge)$/.test(one.text)) continue;
          for (const side of [rest[place - 1], rest[place + 1]]) tell(reached(side), { reader: `[[ … ${one.text} … ]]`, as: "number" });
        }
      }
    }
  }
  for (const [, substituted, plain] of text.matchAll(/\$\(\(([^]*?)\)\)|(?<![$\w])\(\(([^]*?)\)\)/g)) {
    for (const name of (substituted ?? plain ?? "").match(/[A-Za-z_]\w*/g) ?? []) {
      tell(assigned.get(name) ?? [], { reader: substituted === undefined ? `((${name}))` : `$((${name}))`, as: "number" });
    }
  }
  return [...found].flatMap(([index, doubt]) => {
    const value = values[index];
    return value === undefined ? [] : [{ ...value, ...doubt }];
  });
}

/** Programs that run the word after an option. */
const codeOptions: readonly (readonly [program: RegExp, option: RegExp])[] = [
  [/^(?:ba|da|z|k|mk|a)?sh$/, /^-\w*c$/],
  [/^su$/, /^(?:-c|--command)$/],
  [/^python[\d.]*$/, /^-\w*c$/],
  [/^(?:perl|ruby)[\d.]*$/, /^-\w*[eE]$/],
  [/^node$/, /^(?:-p|-e|-pe|--eval|--print)$/],
];

/** What ssh takes before the words that the other machine's shell reads. */
function afterHost(words: readonly Word[]): readonly Word[] {
  let index = 0;
  for (let word = words[0]; word?.text.startsWith("-"); word = words[index])
    index += /^-\w*[BbcDEeFIiJLlmOopQRSWw]$/.test(word.text) ? 2 : 1;
  return words.slice(index + 1);
}

interface Word {
  /** Without its quotes; a value is a NUL. */
  text: string;
  /** Which of the template's values stand in it. */
  values: number[];
}

/** Words by command. Inside quotes and substitutions nothing ends a word. */
function commandsOf(text: string): Word[][] {
  const commands: Word[][] = [[]];
  let word: Word | undefined;
  let quote = "";
  let values = 0;
  const end = () => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (quote === "" && /[\s;&|()<>]/.test(character)) {
      end();
      if (/[\n;&|()]/.test(character)) commands.push([]);
      continue;
    }
    word ??= { text: "", values: [] };
    if (character === quote) quote = "";
    else if (quote === "" && /['"]/.test(character)) quote = character;
    else if (character === "\\" && quote !== "'" && text[index + 1] !== "\0") word.text += text.charAt(++index);
    else {
      if (character === "\0") word.values.push(values++);
      word.text += character;
    }
  }
  end();
  return commands;
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = ""]) => name);
}

/** A command's text with a NUL for each value; what stands on several ways stands one behind the other. */
function flat(outline: readonly JinjaOutline[], values: { offset: number; expression: string }[]): string {
  return outline
    .map((part) => {
      if (part.kind === "text") return part.text.replaceAll("\0", "");
      if (part.kind === "either") return part.ways.map((way) => flat(way, values)).join("");
      values.push({ offset: part.offset, expression: part.expression });
      return "\0";
    })
    .join("");
}
