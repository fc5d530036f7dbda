import { figure, median, percentile, type Figure } from "./figures.ts";
import type { Order } from "./order.ts";
import { noop, startFloor, type Round, type Stack } from "./stack.ts";
import { measureStages, type Stages } from "./stages.ts";

export const rounds = 5;
const alone = { count: 400, inFlight: 1, forMs: 1_500 };
const crowd = { count: 4_000, inFlight: 256, forMs: 2_500 };

/** What the five rounds gave for one stack. */
interface Sample {
  p50: number[];
  rate: number[];
  cpu: Round["cpu"][];
}

/** The line from received to reply published, against the floors, round about: what the machine does beside us hits all of them alike. */
export async function measureLine(product: Stack): Promise<Figure[]> {
  const floor = await startFloor({ name: "floor", shards: 1, shipped: false });
  const shipped = await startFloor({ name: "shipped-floor", shards: 16, shipped: true });
  const subjects = [
    { name: "floor", stack: floor, order: { durable: true } },
    { name: "hops", stack: floor, order: { durable: false } },
    { name: "shipped", stack: shipped, order: { durable: true } },
    { name: "product", stack: product, order: { text: noop } },
  ];
  const samples = new Map<string, Sample>(subjects.map(({ name }) => [name, { p50: [], rate: [], cpu: [] }]));
  progress("warming up");
  for (const { stack, order } of subjects) await stack.run({ ...crowd, ...order, inFlight: 64 });
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}`);
    for (const { name, stack, order } of subjects) await once(stack, order, samples.get(name));
  }
  progress("writes and stages");
  const writes = await measureWrites(product);
  const stages = { floor: await measureStages(shipped, {}), product: await measureStages(product, { text: noop }) };
  await Promise.all([floor.stop(), shipped.stop()]);

  const of = (name: string) => summary(samples.get(name));
  return [...figuresOf({ floor: of("floor"), hops: of("hops"), shipped: of("shipped"), product: of("product"), stages }), ...writes];
}

async function once(stack: Stack, order: Partial<Order>, sample: Sample | undefined): Promise<void> {
  const quiet = await stack.run({ ...order, ...alone });
  // What had gone to rest meanwhile (workers beyond the first) is started again before the clock is.
  await stack.run({ ...order, ...crowd, forMs: 700 });
  const together = await stack.run({ ...order, ...crowd });
  sample?.p50.push(percentile(quiet.latenciesMs, 50));
  sample?.rate.push(together.latenciesMs.length / together.seconds);
  sample?.cpu.push(together.cpu);
}

interface Summary {
  p50: number;
  rate: number;
  cpu: Round["cpu"];
}

function summary(sample: Sample | undefined): Summary {
  const { p50, rate, cpu } = sample ?? { p50: [], rate: [], cpu: [] };
  const middle = (who: keyof Round["cpu"]) => median(cpu.map((one) => one[who]));
  return {
    p50: median(p50),
    rate: median(rate),
    cpu: { engine: middle("engine"), runner: middle("runner"), server: middle("server"), load: middle("load") },
  };
}

function figuresOf(at: {
  floor: Summary;
  hops: Summary;
  shipped: Summary;
  product: Summary;
  stages: { floor: Stages; product: Stages };
}): Figure[] {
  const { floor, hops, shipped, product, stages } = at;
  const sameWrites = "bare programs, same hops and durable writes";
  const hopsAlone = "bare programs, hops and acknowledgements alone";
  const sameStreams = "bare programs on streams with the product's shards, message ids and republishing";
  const latency = "received -> reply published, one at a time, p50";
  const rate = "received -> reply published, 256 in flight";
  const line = (name: string, value: number, unit: string, against: { name: string; value: number }) =>
    figure({ name, value, unit, against });
  return [
    figure({
      name: latency,
      value: product.p50,
      unit: "ms",
      against: { name: sameWrites, value: floor.p50 },
      aim: { atMost: 1.5 },
      why: costliestStage(stages),
    }),
    line(latency, product.p50, "ms", { name: hopsAlone, value: hops.p50 }),
    line(latency, product.p50, "ms", { name: sameStreams, value: shipped.p50 }),
    figure({
      name: rate,
      value: product.rate,
      unit: "1/s",
      against: { name: sameWrites, value: floor.rate },
      aim: { atLeast: 0.6 },
      why: costliestProcess(product.cpu, floor.cpu),
    }),
    line(rate, product.rate, "1/s", { name: hopsAlone, value: hops.rate }),
    line(rate, product.rate, "1/s", { name: sameStreams, value: shipped.rate }),
    ...(["engine", "runner", "server", "load"] as const).map((who) =>
      line(`CPU per message, ${processNames[who]}`, product.cpu[who], "us", { name: sameWrites, value: floor.cpu[who] }),
    ),
    ...Object.entries(stages.product).map(([stage, ms]) =>
      line(`stage ${stage}, one at a time, median`, ms, "ms", { name: sameStreams, value: stages.floor[stage as keyof Stages] }),
    ),
  ];
}

const processNames = { engine: "engine", runner: "runner with its workers", server: "nats-server", load: "load" };

/** Where the product is furthest behind the floor. */
function costliestStage({ floor, product }: { floor: Stages; product: Stages }): string {
  const behind = (Object.keys(product) as (keyof Stages)[]).map((stage) => ({ stage, ms: product[stage] - floor[stage] }));
  const [worst] = behind.toSorted((a, b) => b.ms - a.ms);
  return worst === undefined ? "no stage was measured" : `${worst.stage} costs ${worst.ms.toFixed(2)} ms more than the floor's`;
}

function costliestProcess(product: Round["cpu"], floor: Round["cpu"]): string {
  const behind = (["engine", "runner", "server"] as const).map((who) => ({ who, us: product[who] - floor[who] }));
  const [worst] = behind.toSorted((a, b) => b.us - a.us);
  return worst === undefined ? "" : `${processNames[worst.who]} uses ${worst.us.toFixed(0)} us of CPU more per message than the floor's`;
}

/** Messages stored in any stream, per command. Leases are renewed by the clock and not by commands, so their bucket does not count. */
async function measureWrites(product: Stack): Promise<Figure[]> {
  const count = 200;
  const stored = async () => {
    const { streams } = await product.listStreams();
    return new Map(streams.map(({ config, state }) => [config.name, state.last_seq]));
  };
  const before = await stored();
  await product.run({ count, inFlight: 1, text: noop });
  // The last attempt's record and acknowledgement come after the reply.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const after = await stored();
  const perStream = [...after]
    .map(([name, last]) => ({ name, writes: (last - (before.get(name) ?? 0)) / count }))
    .filter(({ name, writes }) => writes > 0 && name !== "KV_member");
  const total = perStream.reduce((sum, { writes }) => sum + writes, 0);
  const why = perStream.map(({ name, writes }) => `${name} ${writes.toFixed(2)}`).join(", ");
  progress(`writes per command: ${why}`);
  return [figure({ name: "durable writes per command", value: total, unit: "1", aim: { atMost: 12 }, why })];
}

export function progress(words: string): void {
  process.stderr.write(`bench: ${words}\n`);
}
