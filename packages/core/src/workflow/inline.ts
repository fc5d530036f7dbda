import { compileRegex, readJson } from "@bellhop/expression";

/** `name=value`, as it stands behind an action's name and in a `publish`. */
interface InlineParameter {
  readonly name: string;
  readonly value: unknown;
}

/** The parameters in a text such as `core.http url="https://x" retries=3 tags=["a"] body=<% ctx(body) %>`, in their order. A value stands in brackets or
 *  quotes, is a number, `true`, `false` or `null`, or one expression; a bare word is none and is passed over, like anything else between two parameters. */
export function inlineParameters(text: string): InlineParameter[] {
  const found: InlineParameter[] = [];
  if (!text.includes("=")) return found;
  for (let from = 0; ;) {
    const match = parameter.find(text, { from });
    if (match === undefined) return found;
    const [, name = "", written = ""] = match.groups;
    found.push({ name, value: valueOf(written.trim()) });
    from = match.end;
  }
}

const parameter = compileRegex(
  String.raw`(\w+)=(\[.*\]\s*|"[^"]*"\s*|'[^']*'\s*|-?\d*\.\d+|-?\d+|(?i:true)|(?i:false)|null|<%.*?%>|{{.*?}})`,
);

/** Where there are quotes it stays text, a list too, unless it is a JSON object; all else is JSON where it can be. */
function valueOf(written: string): unknown {
  const quoted = /"[^"]*"|'[^']*'/.test(written);
  const bare = written.replace(/^"/, "").replace(/"$/, "").replace(/^'/, "").replace(/'$/, "");
  if (quoted && bare !== "" && !(bare.startsWith("{") && bare.endsWith("}"))) return bare;
  try {
    return readJson(/^(true|false)$/i.test(bare) ? bare.toLowerCase() : bare);
  } catch {
    return bare;
  }
}
