import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { ActionFailed, code, defineAction, table, z } from "@bellhop/sdk";
import { hostOf } from "./lib/host.ts";
import { lookUp, types } from "./lib/records.ts";

export default defineAction({
  description: "Ask DNS about a name",
  input: {
    hostname: z.string().describe("The name; with PTR an address."),
    querytype: z.enum(types).default("A").describe("Which records."),
    nameserver: z
      .string()
      .optional()
      .describe("Name or address of who is asked, :PORT where it is not 53; absent: whom the runner's machine asks."),
    count: z.int().min(0).default(0).describe("How many records at most; 0: all."),
  },
  output: z.object({
    name: z.string(),
    servers: z.array(z.string()).describe("Who was asked."),
    records: z.array(
      z.object({
        type: z.string(),
        value: z.string().describe("As a zone file has it."),
        ttl: z.int().optional().describe("For how many seconds it holds, where it is known (A and AAAA)."),
      }),
    ),
    table: z.string().describe("The records for people, in Markdown."),
  }),
  repeatable: true,
  run: async ({ input, signal }) => {
    const name = hostOf(input.hostname);
    const type = input.querytype;
    if (type === "PTR" && isIP(name) === 0) throw new ActionFailed(`PTR is asked of an address, and ${name} is a name.`);
    if (type !== "PTR" && isIP(name) !== 0)
      throw new ActionFailed(`${name} is an address.`, { hint: `\`dig ${name} PTR\` tells its name.` });
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    const cancel = () => resolver.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      if (input.nameserver !== undefined) resolver.setServers([await addressOf(input.nameserver)]);
      const found = await lookUp(resolver, { name, type });
      const records = input.count === 0 ? found : found.slice(0, input.count);
      const shown = table(records, { Type: (one) => one.type, Value: ({ value }) => code(value), "TTL, s": ({ ttl }) => ttl });
      return { name, servers: resolver.getServers(), records, table: shown };
    } catch (error) {
      throw error instanceof ActionFailed ? error : explained(error, { name, type, servers: resolver.getServers() });
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  },
});

/** `setServers` takes addresses only. */
async function addressOf(nameserver: string): Promise<string> {
  const [, bracketed, host = nameserver, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(nameserver) ?? [];
  const wanted = hostOf(bracketed ?? host);
  const address =
    isIP(wanted) === 0
      ? await new Resolver().resolve4(wanted).then(
          ([first]) => first,
          () => undefined,
        )
      : wanted;
  if (address === undefined) throw new ActionFailed(`There is no nameserver ${wanted}.`);
  const shown = isIP(address) === 6 ? `[${address}]` : address;
  return port === undefined ? shown : `${shown}:${port}`;
}

function explained(error: unknown, at: { name: string; type: string; servers: readonly string[] }): ActionFailed {
  const problem = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const who = at.servers.join(", ");
  const why = new Map([
    ["ENOTFOUND", `There is no name ${at.name}.`],
    ["ENODATA", `${at.name} has no ${at.type} records.`],
    ["ETIMEOUT", `${who} did not answer.`],
    ["ECONNREFUSED", `Nobody answers at ${who}.`],
    ["ESERVFAIL", `${who} could not find out about ${at.name}.`],
    ["EREFUSED", `${who} does not answer questions about ${at.name}.`],
  ]).get(problem);
  return new ActionFailed(why ?? `${who} gave no answer about ${at.name}: ${problem}.`, { cause: error });
}
