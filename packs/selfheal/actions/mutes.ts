import { defineAction, table, z } from "@bellhop/sdk";
import { mutes, quietened } from "../mutes.ts";
import { moment } from "../words.ts";

const Row = z.object({ alert: z.string(), by: z.string(), until: z.string(), quiet: z.int().describe("Alerts that nobody heard of.") });

export default defineAction({
  description: "List what is muted, by whom and until when",
  output: z.object({ mutes: z.array(Row), text: z.string().describe("The same for people, in Markdown.") }),
  repeatable: true,
  run: async ({ kv }) => {
    const found = await Promise.all((await mutes(kv)).map(async (one) => ({ ...one, quiet: await quietened(kv, one) })));
    if (found.length === 0) return { mutes: [], text: "Nothing is muted." };
    const text = table(found, {
      Muted: ({ alert }) => alert,
      By: ({ by }) => by,
      Until: ({ until }) => moment(until),
      "Kept quiet": ({ quiet }) => String(quiet),
    });
    return { mutes: found, text };
  },
});
