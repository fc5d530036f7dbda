import { expect, test } from "vitest";
import { administrator, permissionsIn, type Channel } from "./channel-permissions.ts";

const [see, write, react] = [1n, 2n, 4n];
const member = { guild: "1", user: "2", roles: ["3", "4"], permissions: see | write };
const [everybody, oneRole, otherRole, strange, self] = [
  { id: "1", type: 0 },
  { id: "3", type: 0 },
  { id: "4", type: 0 },
  { id: "9", type: 0 },
  { id: "2", type: 1 },
];

test.each<[string, Channel["permission_overwrites"], bigint]>([
  ["what the guild gives, where nothing is changed", [], see | write],
  ["less, where everybody is denied it", [{ ...everybody, allow: 0n, deny: write }], see],
  [
    "more, where a role is allowed it, whatever everybody is denied",
    [
      { ...oneRole, allow: write | react, deny: 0n },
      { ...everybody, allow: 0n, deny: write },
    ],
    see | write | react,
  ],
  [
    "what one of two roles allows, although the other one denies it",
    [
      { ...oneRole, allow: 0n, deny: write },
      { ...otherRole, allow: write, deny: 0n },
    ],
    see | write,
  ],
  [
    "what is said of the member alone, in the end",
    [
      { ...self, allow: 0n, deny: write },
      { ...oneRole, allow: write, deny: 0n },
    ],
    see,
  ],
  ["no more and no less for what is said of others", [{ ...strange, allow: react, deny: write }], see | write],
])("a member may do in a channel %s", (_, permission_overwrites, expected) => {
  expect(permissionsIn({ permission_overwrites }, member)).toBe(expected);
});

test("an administrator may do everything everywhere", () => {
  const permission_overwrites = [{ ...self, allow: 0n, deny: write }];
  expect(permissionsIn({ permission_overwrites }, { ...member, permissions: administrator }) & write).toBe(write);
});
