import { lookup as lookUp, type LookupAddress, type LookupAllOptions } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { ActionFailed } from "@bellhop/sdk";

/** Says which machines may be spoken to, so that nobody reaches by way of the runner what they can't reach themselves. */
export interface Reach {
  /** @throws ActionFailed where the host is an address that may not be spoken to */
  admit(host: string): void;
  /** Finds a host's addresses, and gives those only that may be spoken to. The connection is made to what was looked at here: a name that
   *  means something else when it is asked again (DNS rebinding) gains nothing. */
  readonly lookup: LookupFunction;
}

/** How a name becomes addresses: Node's own `dns.lookup`. */
export type LookUp = (host: string, options: LookupAllOptions, done: (fault: Error | null, found: LookupAddress[]) => void) => void;

/** The public internet, and what is named beside it.
 *  @param also networks (`10.1.0.0/16`), addresses, and names of hosts, which may then have any address
 *  @throws ActionFailed where one of them is none of these */
export function reachOf(also: readonly string[], look: LookUp = lookUp): Reach {
  const names = new Set<string>();
  const networks = new BlockList();
  for (const one of also) {
    const [address = "", prefix, ...rest] = one.trim().split("/");
    const family = familyOf(address);
    if (prefix === undefined && family === undefined && /^[\w.-]+$/.test(address)) names.add(address.toLowerCase());
    else if (family === undefined || rest.length > 0 || !isPrefix(prefix, family)) throw noNetwork(one);
    else if (prefix === undefined) networks.addAddress(address, family);
    else networks.addSubnet(address, Number(prefix), family);
  }
  const admits = (address: string) => {
    const family = familyOf(address);
    return family !== undefined && (isPublic(address, family) || networks.check(address, family));
  };
  return {
    admit(host) {
      const address = host.replace(/^\[|\]$/g, "");
      if (familyOf(address) !== undefined && !names.has(host) && !admits(address)) throw refused(host);
    },
    lookup(host, options, done) {
      look(host, { ...options, all: true }, (fault, found) => {
        if (fault !== null) return done(fault, []);
        const admitted = names.has(host.toLowerCase()) ? found : found.filter(({ address }) => admits(address));
        const [first] = admitted;
        if (first === undefined) return done(refused(host), []);
        if (options.all === true) done(null, admitted);
        else done(null, first.address, first.family);
      });
    },
  };
}

type Family = "ipv4" | "ipv6";

function isPublic(address: string, family: Family): boolean {
  // BlockList looks at an IPv4 address within an IPv6 one (::ffff:10.0.0.1) by itself.
  const inside = /^::ffff:/i.test(address);
  if (family === "ipv6" && !inside && !globalUnicast.check(address, family)) return false;
  return !special.check(address, family);
}

function familyOf(address: string): Family | undefined {
  const version = isIP(address);
  return version === 4 ? "ipv4" : version === 6 ? "ipv6" : undefined;
}

function isPrefix(prefix: string | undefined, family: Family): boolean {
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === "ipv4" ? 32 : 128));
}

function refused(host: string): ActionFailed {
  return new ActionFailed(`${host} is not on the public internet, and may not be checked.`, {
    hint: "An owner can allow it in `private`: `bellhop pack config set http_check private=10.1.0.0/16,grafana.example.com`.",
  });
}

function noNetwork(text: string): ActionFailed {
  return new ActionFailed(`"${text}" in \`private\` of the configuration is no network, address or host name.`, {
    hint: "Write 10.1.0.0/16, fd00::/8, 10.1.2.3 or grafana.example.com.",
  });
}

/** All that is handed out for the internet in IPv6: RFC 4291 2.4, IANA's "IPv6 Global Unicast Address Assignments". What lies outside, NAT64
 *  (64:ff9b::/96) and loopback among it, may lead to anything. */
const globalUnicast = blockList(["2000::/3"]);

/** IANA's special-purpose address registries (RFC 6890), as far as they are not globally reachable, and what carries an IPv4 address within. */
const special = blockList([
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared by a carrier
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local: the metadata services of clouds
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays, given up
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
  "2001::/23", // protocol assignments, Teredo
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4
  "3fff::/20", // documentation
]);

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    list.addSubnet(address, Number(prefix), familyOf(address) ?? "ipv4");
  }
  return list;
}
