import type { LookupAddress } from "node:dns";
import { describe, expect, test } from "vitest";
import { reachOf } from "./reach.ts";

const refused = [
  ["loopback", "127.0.0.1"],
  ["loopback in IPv6", "[::1]"],
  ["the metadata service of clouds", "169.254.169.254"],
  ["the same within IPv6", "[::ffff:169.254.169.254]"],
  ["the same as URLs spell it", new URL("http://[::ffff:169.254.169.254]/").hostname],
  ["the same as one number", new URL("http://2852039166/").hostname],
  ["the same by NAT64", "[64:ff9b::a9fe:a9fe]"],
  ["the same by 6to4", "[2002:a9fe:a9fe::1]"],
  ["AWS's in IPv6", "[fd00:ec2::254]"],
  ["private networks", "10.1.2.3"],
  ["private networks", "172.31.255.255"],
  ["private networks", "192.168.0.1"],
  ["what carriers share", "100.64.0.1"],
  ["no address", "0.0.0.0"],
  ["no address in IPv6", "[::]"],
  ["link-local in IPv6", "[fe80::1]"],
  ["multicast", "224.0.0.1"],
  ["broadcast", "255.255.255.255"],
] as const;

test.each(refused)("%s is refused: %s", (_, host) => {
  expect(() => reachOf([]).admit(host)).toThrow(`${host} is not on the public internet`);
});

test.each(["1.1.1.1", "[2606:4700:4700::1111]", "[::ffff:1.1.1.1]", "172.32.0.1", "example.com", "localhost"])(
  "%s is not refused before it is looked up",
  (host) => {
    expect(() => reachOf([]).admit(host)).not.toThrow();
  },
);

test("what is configured may be reached, and nothing beside it", () => {
  const reach = reachOf(["10.1.0.0/16", "192.168.0.7", "fd00::/8"]);
  for (const host of ["10.1.255.255", "192.168.0.7", "[fd12::1]", "[::ffff:10.1.0.1]"]) expect(() => reach.admit(host), host).not.toThrow();
  for (const host of ["10.2.0.0", "192.168.0.8", "[fe80::1]"]) expect(() => reach.admit(host), host).toThrow("may not be checked");
});

test.each(["10.1.0.0/33", "10.1.0.0/", "fd00::/129", "example.com/24", "10.1.0.0/16/2", "", "a b"])(
  "%j is no network, address or host name",
  (text) => {
    expect(() => reachOf([text])).toThrow(`"${text}" in \`private\` of the configuration`);
  },
);

describe("what a name stands for", () => {
  const found = (also: readonly string[], all: boolean) =>
    new Promise<string | LookupAddress[]>((resolve, reject) => {
      reachOf(also).lookup("localhost", { all }, (fault, address) => (fault === null ? resolve(address) : reject(fault)));
    });

  test("a public name of a private address is refused", async () => {
    await expect(found([], true)).rejects.toThrow("localhost is not on the public internet");
    await expect(found([], false)).rejects.toThrow("localhost is not on the public internet");
  });

  test("a name that is configured may have any address; a network lets through the addresses that are in it", async () => {
    expect(await found(["LocalHost"], true)).toEqual(expect.arrayContaining([expect.objectContaining({ address: expect.anything() })]));
    expect(await found(["127.0.0.0/8"], true)).toEqual([{ address: "127.0.0.1", family: 4 }]);
    expect(await found(["127.0.0.0/8"], false)).toBe("127.0.0.1");
  });
});
