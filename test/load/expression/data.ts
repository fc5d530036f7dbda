/** What the expressions see: some texts and numbers, a mapping, five machines. */
export const data = {
  name: "web1",
  region: "eu",
  count: 3,
  url: "https://example.org/releases/v2",
  tags: { owner: "ana", team: "infra" },
  vms: machines(5),
};

export function machines(count: number): { name: string; cpu: number; region: string; on: boolean }[] {
  return Array.from({ length: count }, (_, at) => ({
    name: `vm${(at * 7919) % count}`,
    cpu: (at * 31) % 8,
    region: at % 2 === 0 ? "eu" : "us",
    on: at % 3 !== 0,
  }));
}
