import { ActionFailed, defineAction, table, z } from "@bellhop/sdk";
import { checkAddress, Found, type Asking, type Wanted } from "../check-address.ts";
import config from "../config.ts";
import { reachOf } from "../reach.ts";

const Row = Found.extend({ check: z.string() });
type Row = z.infer<typeof Row>;

export default defineAction({
  description: "Check every address that is configured",
  config,
  output: z.object({
    checks: z.array(Row),
    /** The same for people, in Markdown: what is down first. */
    text: z.string(),
  }),
  repeatable: true,
  // Many checks are made a few at a time, each within its own limit.
  timeout: 1800,
  run: async ({ config, signal }) => {
    const { checks, private: also, ca, ...limits } = config;
    const names = Object.keys(checks);
    if (names.length === 0) {
      throw new ActionFailed("No check is configured.", {
        hint: `\`bellhop pack config set http_check checks='{"shop": {"url": "https://shop.example.com/"}}'\` sets them, and so does \`packConfig\` of bellhop.yaml.`,
      });
    }
    const reach = reachOf(also);
    const rows: Row[] = [];
    const queue = Object.entries(checks);
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [check, wanted] = next;
        rows.push({ check, ...(await found({ ...limits, ...wanted }, { reach, ca, signal })) });
      }
    };
    await Promise.all(Array.from({ length: atATime }, work));
    rows.sort((a, b) => Number(a.up) - Number(b.up) || a.check.localeCompare(b.check));
    const result = { checks: rows, text: inTable(rows) };
    const down = rows.filter(({ up }) => !up).length;
    if (down > 0) throw new ActionFailed(`${down} of ${rows.length} ${down === 1 ? "is" : "are"} down.\n\n${result.text}`, { result });
    return result;
  },
});

const atATime = 8;

/** One check that may not be made must not hide what the others found. */
async function found(wanted: Wanted, by: Asking): Promise<Found> {
  try {
    return await checkAddress(wanted, by);
  } catch (thrown) {
    if (thrown instanceof ActionFailed) return { up: false, why: thrown.message, redirects: [] };
    throw thrown;
  }
}

function inTable(rows: readonly Row[]): string {
  return table(rows, {
    Check: ({ check }) => check,
    Up: ({ up }) => (up ? "✅" : "❌"),
    Status: ({ status }) => status,
    ms: ({ ms }) => ms,
    "TLS days": ({ tls_days }) => tls_days,
    Redirects: ({ redirects }) => redirects.length || undefined,
    Why: ({ why }) => why,
  });
}
