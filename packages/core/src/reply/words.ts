import { fieldsOf } from "@bellhop/contracts";
import { stacked, wordTable } from "./table.ts";

/** A result in readable Markdown; empty where there is nothing to say.
 *  @param rows shown of a table at most */
export function wordResult(result: unknown, rows = Number.POSITIVE_INFINITY): string {
  if (isEmpty(result)) return "";
  if (typeof result === "string") return result;
  if (isScalar(result)) return String(result);
  if (Array.isArray(result)) return result.every(isScalar) ? result.map((item) => `- ${inline(item)}`).join("\n") : nested(result, rows);
  const fields = fieldsOf(result);
  if (isCommand(fields)) return wordCommand(fields, rows);
  const entries = Object.entries(fields).filter(([, value]) => !isEmpty(value));
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "result") return wordResult(only[1], rows);
  return stacked(entries.map(([name, value]) => wordField(name, value, rows)));
}

/** Text as code, whatever stands in it. */
export function code(text: string): string {
  if (!text.includes("`")) return `\`${text}\``;
  const longest = Math.max(...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence} ${text} ${fence}`;
}

/** Text as it is, fenced by more backticks than it holds. */
export function codeBlock(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}

/** What stands in a text's code block, where the text is nothing else. */
export function fencedAlone(text: string): string | undefined {
  const [, fence, inner] = /^(`{3,})\n([^]*)\n(`{3,})$/.exec(text) ?? [];
  return fence === undefined || inner === undefined || !text.endsWith(`\n${fence}`) || inner.includes(`\n${fence}`) ? undefined : inner;
}

/** What commands give: see StackStorm's local runners. */
function isCommand(fields: Readonly<Record<string, unknown>>): boolean {
  return "stdout" in fields && ("return_code" in fields || "exit_code" in fields);
}

function wordCommand(fields: Readonly<Record<string, unknown>>, rows: number): string {
  const code = fields["return_code"] ?? fields["exit_code"];
  const failed = typeof code === "number" && code !== 0;
  return stacked([
    isEmpty(fields["result"]) ? "" : wordResult(fields["result"], rows),
    stream(fields["stdout"]),
    failed || isEmpty(fields["stdout"]) ? stream(fields["stderr"]) : "",
    failed ? `Exit code ${code}` : "",
  ]);
}

function stream(value: unknown): string {
  if (isEmpty(value)) return "";
  return typeof value === "string" ? codeBlock(value) : json(value);
}

function wordField(name: string, value: unknown, rows: number): string {
  if (isScalar(value)) return `**${name}**: ${inline(value)}`;
  const table = wordTable(value, rows);
  return table === undefined ? `**${name}**:\n${json(value)}` : `**${name}**:\n\n${table}`;
}

function nested(value: object, rows: number): string {
  return wordTable(value, rows) ?? json(value);
}

function json(value: unknown): string {
  return codeBlock(JSON.stringify(value, undefined, 2));
}

function inline(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return value.includes("\n") ? `\n${codeBlock(value)}` : value;
}

function isScalar(value: unknown): value is string | number | boolean | bigint | symbol | null | undefined {
  return typeof value !== "object" || value === null;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return value.trim() === "";
  return typeof value === "object" && Object.keys(value).length === 0;
}
