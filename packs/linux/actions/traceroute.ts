import { ActionFailed, defineAction, table, z } from "@bellhop/sdk";
import { hostOf } from "./lib/host.ts";
import { runProgram } from "./lib/program.ts";
import { parseRoute } from "./lib/route.ts";

export default defineAction({
  description: "Tell over which machines packets travel to a host",
  input: {
    host: z.string().describe("Its name or address."),
    hops: z.int().min(1).max(64).default(30).describe("How far it is followed at most."),
    queries_to_hop: z.int().min(1).max(10).default(3).describe("Packets to each machine on the way."),
  },
  output: z.object({
    host: z.string(),
    address: z.string(),
    hops: z.array(
      z.object({
        hop: z.int(),
        addresses: z.array(z.string()).describe("Who answered; none where nobody did."),
        times: z.array(z.number()).describe("Of the answers, in milliseconds."),
        lost: z.int().describe("Packets that nobody answered."),
        refused: z.string().optional().describe("Why it goes no further, as traceroute has it: !H, !N, !X …"),
      }),
    ),
    reached: z.boolean(),
    table: z.string().describe("The hops for people, in Markdown."),
  }),
  repeatable: true,
  timeout: 180,
  run: async ({ input, signal }) => {
    const host = hostOf(input.host);
    const args = ["-n", "-w", "2", "-m", String(input.hops), "-q", String(input.queries_to_hop), host];
    const said = await runProgram("traceroute", args, { debian: "traceroute", signal });
    const route = said.code === 0 ? parseRoute(said.stdout) : undefined;
    if (route === undefined) {
      const why = /not known|No address|failure in name resolution/i.test(said.stderr)
        ? "there is no host of that name"
        : firstLine(said.stderr);
      throw new ActionFailed(`No way to ${host}: ${why}.`);
    }
    return {
      host,
      ...route,
      table: table(route.hops, {
        Hop: ({ hop }) => hop,
        Address: ({ addresses }) => (addresses.length === 0 ? "no answer" : addresses.join(", ")),
        "Fastest, ms": ({ times }) => (times.length === 0 ? undefined : Math.min(...times)),
        Lost: ({ lost, times }) => (lost === 0 ? "" : `${lost} of ${lost + times.length}`),
        " ": ({ refused }) => refused,
      }),
    };
  },
});

function firstLine(text: string): string {
  return text.trim().split("\n")[0] || "traceroute did not say why";
}
