import type { Resolver } from "node:dns/promises";

export const types = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] as const;

export interface DnsRecord {
  readonly type: string;
  /** As a zone file has it. */
  readonly value: string;
  /** In seconds. */
  readonly ttl?: number;
}

/** Records of one type, in the order that the nameserver gave. @throws as `Resolver` does */
export async function lookUp(resolver: Resolver, { name, type }: { name: string; type: (typeof types)[number] }): Promise<DnsRecord[]> {
  const all = (values: readonly string[]) => values.map((value) => ({ type, value }));
  switch (type) {
    case "A":
      return (await resolver.resolve4(name, { ttl: true })).map(({ address, ttl }) => ({ type, value: address, ttl }));
    case "AAAA":
      return (await resolver.resolve6(name, { ttl: true })).map(({ address, ttl }) => ({ type, value: address, ttl }));
    case "CAA":
      return (await resolver.resolveCaa(name)).map(({ critical, ...rest }) => {
        const [tag, value] = Object.entries(rest).find(([, text]) => typeof text === "string") ?? ["", ""];
        return { type, value: `${critical} ${tag} ${quoted(String(value))}` };
      });
    case "CNAME":
      return all(await resolver.resolveCname(name));
    case "MX":
      return (await resolver.resolveMx(name))
        .toSorted((a, b) => a.priority - b.priority)
        .map(({ priority, exchange }) => ({ type, value: `${priority} ${exchange}` }));
    case "NS":
      return all(await resolver.resolveNs(name));
    case "PTR":
      return all(await resolver.reverse(name));
    case "SOA": {
      const { nsname, hostmaster, serial, refresh, retry, expire, minttl } = await resolver.resolveSoa(name);
      return [{ type, value: [nsname, hostmaster, serial, refresh, retry, expire, minttl].join(" ") }];
    }
    case "SRV":
      return (await resolver.resolveSrv(name)).map(({ priority, weight, port, name: target }) => ({
        type,
        value: [priority, weight, port, target].join(" "),
      }));
    case "TXT":
      return all((await resolver.resolveTxt(name)).map((parts) => quoted(parts.join(""))));
  }
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
