import fc from "fast-check";
import type { Gate, Pass } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { enter, isIdle, leave, settle } from "./gate.ts";
import type { ActionPolicies, Limit } from "./policies.ts";

const limit = fc.record({
  kind: fc.constantFrom("concurrency" as const, "rate" as const, "cooldown" as const),
  most: fc.integer({ min: 1, max: 3 }),
  attributes: fc.constantFrom<string[][]>([], ["host"]),
});
const policies = fc.array(limit, { minLength: 1, maxLength: 3 }).map((limits): ActionPolicies => ({
  limits: limits
    .toSorted((a, b) => b.attributes.length - a.attributes.length)
    .map(({ kind, most, attributes }, index): Limit => {
      const common = { policy: `p${index}`, attributes, over: "delay" } as const;
      if (kind === "concurrency") return { ...common, kind, most };
      return kind === "rate" ? { ...common, kind, most, ms: 50 } : { ...common, kind, ms: 20, after: "end" };
    }),
  retries: [],
  attributes: ["host"],
}));
const event = fc.record({
  what: fc.constantFrom("come", "come", "go", "again", "late"),
  who: fc.nat(11),
  host: fc.nat(2),
  later: fc.nat(9),
});

test("whoever comes, goes, asks again and dies when: never more than a limit says, in the order of asking within a group, and all are done in the end", () => {
  fc.assert(
    fc.property(policies, fc.array(event, { maxLength: 60 }), (own, events) => {
      let gate: Gate = { v: 1, action: "d.go", inside: [], line: [], lately: {} };
      let now = 0;
      const passes = new Map<number, Pass>();
      const done = new Set<string>();
      const begins = new Map<string, number[]>();
      const step = (next: (before: Gate) => Gate) => {
        const before = gate;
        // Whoever carries a command out dies, and another does it once more.
        gate = next(gate);
        expect(next(gate)).toBe(gate);
        for (const pass of gate.inside) if (!before.inside.some(({ run }) => run === pass.run)) note(pass, before);
        for (const one of own.limits) checkAtOnce(one);
      };
      const note = (pass: Pass, before: Gate) => {
        for (const [stage, one] of own.limits.entries()) {
          const group = before.line.filter((other) => sameGroup(one, other, pass) && other.run !== pass.run);
          const left = gate.line.filter((other) => group.some(({ run }) => run === other.run));
          // Who waits at the first limit has not come to the others.
          if (stage === 0) expect(left.every(({ at }) => at >= pass.at)).toBe(true);
          if (one.kind !== "rate") continue;
          const name = `${one.policy} ${one.attributes.length === 0 ? "" : pass.values?.["host"]}`;
          const times = [...(begins.get(name) ?? []), now].filter((time) => time > now - one.ms);
          begins.set(name, times);
          expect(times.length).toBeLessThanOrEqual(one.most);
        }
      };
      const checkAtOnce = (one: Limit) => {
        if (one.kind === "rate") return;
        const sizes = Map.groupBy(gate.inside, ({ values }) => (one.attributes.length === 0 ? "" : (values?.["host"] ?? "")));
        for (const inside of sizes.values()) expect(inside.length).toBeLessThanOrEqual(one.kind === "concurrency" ? one.most : 1);
      };
      for (const { what, who, host, later } of events) {
        now += later;
        const settings = { policies: own, now };
        const known = passes.get(who);
        const pass: Pass = known ?? { run: `r${who}`, task: "main", attempt: 1, at: now, values: { host: `${host}` } };
        if (what === "late") step((before) => settle(before, settings));
        else if (what === "go" || done.has(pass.run)) {
          if (known === undefined) continue;
          done.add(pass.run);
          step((before) => leave(before, pass, "succeeded", settings));
        } else {
          passes.set(who, pass);
          step((before) => enter(before, pass, settings).gate);
        }
      }
      for (let rounds = 0; rounds < 200 && !isIdle(gate); rounds++) {
        now += 60;
        step((before) => settle(before, { policies: own, now }));
        for (const pass of gate.inside) step((before) => leave(before, pass, "succeeded", { policies: own, now }));
      }
      now += 60;
      expect(isIdle(settle(gate, { policies: own, now }))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

function sameGroup(limit: Limit, a: Pass, b: Pass): boolean {
  return limit.attributes.every((name) => a.values?.[name] === b.values?.[name]);
}
