/** A result in readable Markdown; empty where there is nothing to say. */
export function wordResult(result: unknown): string {
  if (isEmpty(result)) return "";
  if (typeof result === "string") return result;
  if (typeof result !== "object" || result === null) return String(result);
  if (Array.isArray(result)) return result.every(isScalar) ? result.map((item) => `- ${inline(item)}`).join("\n") : json(result);
  const fields = result as Record<string, unknown>;
  if (isCommand(fields)) return wordCommand(fields);
  const entries = Object.entries(fields).filter(([, value]) => !isEmpty(value));
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "result") return wordResult(only[1]);
  return entries.map(([name, value]) => (isScalar(value) ? `**${name}**: ${inline(value)}` : `**${name}**:\n${json(value)}`)).join("\n");
}

/** Text as it is, fenced by more backticks than it holds. */
export function codeBlock(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}

/** What commands give: see StackStorm's local runners. */
function isCommand(fields: Record<string, unknown>): boolean {
  return "stdout" in fields && ("return_code" in fields || "exit_code" in fields);
}

function wordCommand(fields: Record<string, unknown>): string {
  const code = fields["return_code"] ?? fields["exit_code"];
  const failed = typeof code === "number" && code !== 0;
  const parts = [
    isEmpty(fields["result"]) ? "" : wordResult(fields["result"]),
    stream(fields["stdout"]),
    failed || isEmpty(fields["stdout"]) ? stream(fields["stderr"]) : "",
    failed ? `Exit code ${code}` : "",
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function stream(value: unknown): string {
  if (isEmpty(value)) return "";
  return typeof value === "string" ? codeBlock(value) : json(value);
}

function json(value: unknown): string {
  return codeBlock(JSON.stringify(value, undefined, 2));
}

function inline(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return value.includes("\n") ? `\n${codeBlock(value)}` : value;
}

function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return value.trim() === "";
  return typeof value === "object" && Object.keys(value).length === 0;
}
