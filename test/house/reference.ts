import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "ts6";
import { root } from "./workspace.ts";

/** `packages/sdk` for those who write packs: what each entry point exports, by what its doc comments say. Markdown. */
export function sdkReference(): string {
  const manifest = JSON.parse(readFileSync(join(root, "packages/sdk/package.json"), "utf8")) as { exports: Record<string, string> };
  const entries = Object.entries(manifest.exports).flatMap(([name, file]) =>
    file.endsWith(".ts") ? [{ name: `@bellhop/sdk${name.slice(1)}`, file: join(root, "packages/sdk", file) }] : [],
  );
  // Those who write packs need it last.
  entries.sort((a, b) => Number(a.name.endsWith("/host")) - Number(b.name.endsWith("/host")));
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ESNext, strict: true, allowImportingTsExtensions: true, noEmit: true },
  );
  const checker = program.getTypeChecker();
  const told = new Map<ts.Symbol, Told>();
  const sections = entries.map(({ name, file }) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} exports nothing`);
    const parts = checker.getExportsOfModule(module).map((symbol) => {
      const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const before = told.get(meant);
      const one = before ?? tell(symbol.name, meant);
      told.set(meant, one);
      return { ...one, again: before !== undefined };
    });
    return { name, parts };
  });
  const names = new Set([...told.values()].map(({ name }) => name));
  const pages = sections.map(({ name, parts }) => {
    const list = parts.map((part) => link(part.name)).join(" · ");
    const own = parts.filter(({ again }) => !again).map((part) => wordPart(part, names));
    return [`## ${name}`, list, ...own].join("\n\n");
  });
  return `${[head, ...pages].join("\n\n")}\n`;
}

const head = `# The SDK, name by name

What packs import. [packages/sdk](../packages/sdk/README.md) shows how it is used, [packs.md](packs.md) how a pack comes to be. Made of the doc comments by \`pnpm generate\`.`;

/** One exported name. */
interface Told {
  readonly name: string;
  readonly signature: string;
  readonly comment: Comment;
}

interface Comment {
  readonly text: string;
  readonly tags: readonly { readonly name: string; readonly text: string }[];
}

function tell(name: string, symbol: ts.Symbol): Told {
  const declaration = symbol.declarations?.[0];
  if (declaration === undefined || !declaration.getSourceFile().fileName.startsWith(join(root, "packages"))) {
    return { name, signature: "", comment: { text: "[zod](https://zod.dev), of the very copy that the host checks with.", tags: [] } };
  }
  return { name, signature: signatureOf(declaration), comment: commentOf(declaration) };
}

function signatureOf(declaration: ts.Declaration): string {
  if (ts.isClassDeclaration(declaration)) {
    const members = declaration.members.map((member) => withoutBody(member)).filter((text) => !text.includes("[brand]"));
    const open = declaration.getText().slice(0, declaration.members.pos - declaration.getStart());
    return plain(`${open}\n${members.join(";\n")};\n}`);
  }
  if (ts.isVariableDeclaration(declaration)) return plain(declaration.parent.parent.getText());
  return plain(withoutBody(declaration));
}

function withoutBody(node: ts.Node): string {
  const body = ts.isFunctionLike(node) && "body" in node ? node.body : undefined;
  const text = node.getText();
  return body === undefined ? text : text.slice(0, body.getStart() - node.getStart()).trim();
}

/** As a reader needs it: without our own marks. */
function plain(text: string): string {
  return text
    .replace(/^export /, "")
    .replace(/^async /, "")
    .replace(/^ *(?:readonly )?\[brand\].*\n/gm, "")
    .replace(/\{@link ([\w.]+)\}/g, "`$1`")
    .trim();
}

function commentOf(declaration: ts.Declaration): Comment {
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const source = node.getSourceFile().text;
  const range = ts.getLeadingCommentRanges(source, node.getFullStart())?.at(-1);
  const raw = range === undefined ? "" : source.slice(range.pos, range.end);
  if (!raw.startsWith("/**")) return { text: "", tags: [] };
  // Continued lines stand one column in, beneath the first line's words.
  const lines = raw
    .slice(3, -2)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").replace(/^ (?=\S)/, ""));
  const [text = "", ...tags] = lines.join("\n").split(/^\s*@(?=[a-z]+\b)/m);
  return {
    text: text.trim(),
    tags: tags.map((tag) => {
      const [, name = "", rest = ""] = /^([a-z]+)\s*([^]*)$/.exec(tag) ?? [];
      return { name, text: rest.trim() };
    }),
  };
}

function wordPart({ name, signature, comment }: Told, names: ReadonlySet<string>): string {
  const tags = comment.tags.map((tag) => `- ${wordTag(tag, names)}`).join("\n");
  const code = signature === "" ? "" : `\`\`\`typescript\n${signature}\n\`\`\``;
  return [`### ${name}`, linked(fenced(comment.text), names), tags, code].filter((part) => part !== "").join("\n\n");
}

function wordTag({ name, text }: { name: string; text: string }, names: ReadonlySet<string>): string {
  if (name === "throws") return linked(`Throws ${text}`, names);
  const [, parameter = "", rest = ""] = /^(\S+)\s*([^]*)$/.exec(text) ?? [];
  return linked(name === "param" ? `\`${parameter}\`: ${rest}` : `${name}: ${text}`, names);
}

/** What is indented in a comment is code. */
function fenced(text: string): string {
  return text.replace(/(?:^|\n\n)((?: {4,}.*(?:\n+|$))+)/g, (_, block: string) => {
    const lines = block.trimEnd().split("\n");
    const indent = Math.min(...lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length));
    return `\n\n\`\`\`ts\n${lines.map((line) => line.slice(indent)).join("\n")}\n\`\`\`\n\n`;
  });
}

function linked(text: string, names: ReadonlySet<string>): string {
  return text.replace(/\{@link ([\w.]+)\}/g, (_, name: string) => (names.has(name.split(".")[0] ?? "") ? link(name) : `\`${name}\``));
}

function link(name: string): string {
  return `[\`${name}\`](#${(name.split(".")[0] ?? name).toLowerCase()})`;
}
