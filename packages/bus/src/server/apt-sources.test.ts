import { expect, test } from "vitest";
import { mirrorsOf, parseAptSources } from "./apt-sources.ts";

const bookworm = { id: "debian", codename: "bookworm" };
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

test("a deb822 file gives its mirror and keyring, and security archives do not count", () => {
  const text = `Types: deb
# a comment between
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: ${keyring}

Types: deb deb-src
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: ${keyring}
`;
  expect(mirrorsOf(parseAptSources([{ name: "debian.sources", text }]), bookworm)).toEqual([
    { uri: "http://mirror.example/debian", signedBy: keyring },
  ]);
});

test("one-line entries are read with and without options; comments and sources are not", () => {
  const text = `# deb http://old.example/debian bookworm main
deb-src http://src.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/apt/keyrings/vendor.gpg] https://apt.vendor.example bookworm main
deb http://mirror.example/debian/ bookworm main contrib # near
deb http://mirror.example/debian/ bookworm main
`;
  expect(mirrorsOf(parseAptSources([{ name: "sources.list", text }]), bookworm)).toEqual([{ uri: "http://mirror.example/debian/" }]);
});

test("a vendor's repository is taken only when nothing names the distribution", () => {
  const text = "deb https://apt.vendor.example bookworm main\n";
  expect(mirrorsOf(parseAptSources([{ name: "sources.list", text }]), bookworm)).toEqual([{ uri: "https://apt.vendor.example" }]);
});

test("a disabled paragraph, a cdrom and a key written into the entry are left out", () => {
  const text = `Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: cdrom:[Debian] http://mirror.example/debian
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
`;
  expect(mirrorsOf(parseAptSources([{ name: "debian.sources", text }]), bookworm)).toEqual([{ uri: "http://mirror.example/debian" }]);
});

test("Ubuntu's mirrors are found, its ports among them", () => {
  const text = "deb http://ports.example.org/ubuntu-ports noble main universe\n";
  expect(mirrorsOf(parseAptSources([{ name: "sources.list", text }]), { id: "ubuntu", codename: "noble" })).toHaveLength(1);
});
