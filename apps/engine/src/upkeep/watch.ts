import { shards, streams, type Run } from "@bellhop/contracts";
import { figure, watchNats, type Telemetry } from "@bellhop/service";
import type { Engine } from "../engine.ts";
import { projectorHolding } from "../history/history.ts";
import { shardHolding } from "../shards/shards.ts";

/** What an engine serves with, from one lease to its end. */
export interface Serving {
  engine: Engine;
  held(): number[];
}

/** Shows what an engine does and holds. @param at.serving undefined while it has no lease */
export function watchEngine(
  telemetry: Telemetry,
  at: { bus: Engine["bus"]; knowledge: Engine["knowledge"]; serving: () => Serving | undefined },
): void {
  const { bus, knowledge, serving } = at;
  watchNats(telemetry, { part, bus, streams: watched });
  telemetry.check("catalog", () => {
    const { size } = knowledge.catalog().packs;
    return size > 0
      ? { ok: true, found: `${size} packs` }
      : {
          ok: false,
          found: "no pack is active",
          hint: "`bellhop up` makes the packs in its folders active; `bellhop pack list` shows which are.",
        };
  });
  telemetry.check("lease", () =>
    serving() === undefined
      ? {
          ok: false,
          found: "none",
          hint: "It joins as soon as NATS answers in time; a slow or full disk of nats-server keeps it from that.",
        }
      : { ok: true, found: "held" },
  );
  telemetry.check("shards", () => {
    const now = serving();
    const held = now?.held().length ?? 0;
    const found = `serves ${held} of ${shards.length}`;
    // One that came late, or leaves its shards to a newer release, has none: others serve.
    return held > 0 || (now !== undefined && othersHoldAll(now))
      ? { ok: true, found }
      : { ok: false, found, hint: "They are taken within seconds; the log says what keeps it from that." };
  });
  telemetry.figures(() => {
    const now = serving();
    return now === undefined ? [] : figuresOf(now);
  });
}

const part = "engine";

const { message, asked, finished, action, send, run, output, dead } = streams;
const watched = [
  ...[message, asked, finished, action, send].map((stream) => ({ stream, consumers: true })),
  ...[run, output, dead].map((stream) => ({ stream })),
];

function figuresOf(now: Serving) {
  const { membership, book } = now.engine;
  const live = new Map<Run["status"], number>([
    ["scheduled", 0],
    ["running", 0],
    ["canceling", 0],
  ]);
  for (const { status } of book.live()) live.set(status, (live.get(status) ?? 0) + 1);
  const projects = membership.holder(projectorHolding)?.epoch === membership.epoch;
  return [
    ...[...live].map(([status, count]) => figure("bellhop_runs", { status }, count)),
    ...(["engine", "runner", "gateway", "prompt"] as const).map((role) =>
      figure("bellhop_members", { role }, membership.members(role).length),
    ),
    figure("bellhop_leases_held", { part, lease: "shard" }, now.held().length),
    figure("bellhop_leases_held", { part, lease: "projector" }, projects ? 1 : 0),
    figure("bellhop_shards_unheld", {}, unheldShards(now).length),
  ];
}

function unheldShards({ engine }: Serving): number[] {
  return shards.filter((shard) => engine.membership.holder(shardHolding(shard)) === undefined);
}

function othersHoldAll({ engine }: Serving): boolean {
  const { membership } = engine;
  return shards.every((shard) => (membership.holder(shardHolding(shard))?.epoch ?? membership.epoch) !== membership.epoch);
}
