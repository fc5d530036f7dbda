import { ActionFailed, defineAction, z } from "@bellhop/sdk";
import { checkAddress, days, Found, shown } from "../check-address.ts";
import config from "../config.ts";
import { Address, Expected } from "../expected.ts";
import { reachOf } from "../reach.ts";

export default defineAction({
  description: "Check whether a web address answers as it should",
  config,
  input: {
    target: z.string().min(1).describe("An address such as https://example.com/health, or the name of a configured check."),
    ...Expected,
  },
  output: Found.extend({
    url: z.string(),
    /** The same for people. */
    text: z.string(),
  }),
  repeatable: true,
  timeout: 150,
  run: async ({ input, config, signal }) => {
    const { target, ...asked } = input;
    const configured = Object.hasOwn(config.checks, target) ? config.checks[target] : undefined;
    const url = configured?.url ?? addressOf(target, Object.keys(config.checks));
    const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    const wanted = { tls_days: config.tls_days, timeout: config.timeout, ...configured, ...given, url };
    const found = await checkAddress(wanted, { reach: reachOf(config.private), ca: config.ca, signal });
    const text = inWords(found, new URL(url));
    const result = { ...found, url: shown(new URL(url)), text };
    if (!found.up) throw new ActionFailed(text, { result });
    return result;
  },
});

/** People leave the scheme out. */
function addressOf(target: string, names: readonly string[]): string {
  const address = Address.safeParse(/^[\w.-]+\.[\w-]+(:\d+)?(\/|\?|$)/.test(target) ? `https://${target}` : target);
  if (address.success) return address.data;
  const known = names.length === 0 ? "none is configured" : `there are ${names.toSorted().join(", ")}`;
  throw new ActionFailed(`"${target}" is neither an address nor the name of a check: ${known}.`, {
    hint: "Say an address that starts with https://, or add the check to `checks` of this pack's configuration.",
  });
}

function inWords({ up, why, status, ms, tls_days, redirects }: Found, url: URL): string {
  if (!up) return [`${shown(url)} is down: ${why}.`, ...redirects.map((to) => `Sent on to ${to}.`)].join(" ");
  const certificate = tls_days === undefined ? "" : `, certificate good for ${days(tls_days)}`;
  return [`${shown(url)} is up: ${status} in ${ms} ms${certificate}.`, ...redirects.map((to) => `Sent on to ${to}.`)].join(" ");
}
