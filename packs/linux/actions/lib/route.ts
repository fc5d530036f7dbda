/** A machine on the way. */
export interface Hop {
  readonly hop: number;
  readonly addresses: string[];
  readonly times: number[];
  readonly lost: number;
  readonly refused?: string;
}

export interface Route {
  readonly address: string;
  readonly hops: Hop[];
  /** The host itself answered. */
  readonly reached: boolean;
}

/** What `traceroute -n` printed: traceroute(1) of Linux. Undefined where it is none.
 *  @param text a line with the address, then one for each hop: `3  192.0.2.1  0.4 ms  0.3 ms 192.0.2.9  1.2 ms !X`, or `4  * * *` */
export function parseRoute(text: string): Route | undefined {
  const [heading = "", ...lines] = text.split("\n");
  const address = /^traceroute to \S+ \(([^)]+)\)/.exec(heading)?.[1];
  if (address === undefined) return undefined;
  const hops = lines.flatMap((line) => {
    const [, hop, rest = ""] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return hop === undefined ? [] : [{ hop: Number(hop), ...answersIn(rest) }];
  });
  return { address, hops, reached: hops.at(-1)?.addresses.includes(address) ?? false };
}

function answersIn(text: string): Omit<Hop, "hop"> {
  const words = text.trim().split(/\s+/);
  const refused = words.find((word) => /^!(?:[A-Z]|<?\d+>?)?$/.test(word));
  const addresses = words.filter((word) => /^[0-9a-f]*[.:][0-9a-f.:]*$/i.test(word) && !/^\d+\.\d+$/.test(word));
  return {
    addresses: [...new Set(addresses)],
    times: words.flatMap((word, index) => (words[index + 1] === "ms" ? [Number(word)] : [])),
    lost: words.filter((word) => word === "*").length,
    ...(refused === undefined ? {} : { refused }),
  };
}
