import { figure, median, percentile, type Figure } from "../figures.ts";
import { progress } from "../line.ts";
import type { ServerPlace } from "../stack.ts";
import type { PlatformName, Side } from "./order.ts";
import { startContest, startPaced, type Round, type Stand } from "./stand.ts";

const rounds = 5;
const alone = { count: 300, inFlight: 1, forMs: 1_200 };
const crowd = { count: 100_000, inFlight: 64, forMs: 2_000 };

const ways = { in: "event -> stored", out: "send published -> platform call" } as const;
type Way = keyof typeof ways;

interface Sample {
  p50: number[];
  rate: number[];
  cpu: Round["cpu"][];
}

/** Both ways through a platform's gateway against the bare program, in turn; who begins changes with each round. */
export async function measureExchange(at: { name: PlatformName; place: ServerPlace; node: readonly string[] }): Promise<Figure[]> {
  const { name } = at;
  progress(`${name}: warming up`);
  const stand = await startContest(at);
  const samples = new Map<string, Sample>();
  // Who never spoke can't be answered: the way in comes first.
  for (const way of ["in", "out"] as const) for (const side of ["floor", "product"] as const) await stand.run({ ...crowd, side, way });
  for (let round = 1; round <= rounds; round++) {
    progress(`${name}: round ${round} of ${rounds}`);
    const sides: readonly Side[] = round % 2 === 1 ? ["floor", "product"] : ["product", "floor"];
    for (const way of ["in", "out"] as const) for (const side of sides) await once(stand, { side, way }, samples);
  }
  await stand.stop();
  const of = (side: Side, way: Way) => summary(samples.get(`${side} ${way}`));
  return (["in", "out"] as const).flatMap((way) => figuresOf({ name, way, product: of("product", way), floor: of("floor", way) }));
}

async function once(stand: Stand, at: { side: Side; way: Way }, samples: Map<string, Sample>): Promise<void> {
  const quiet = await stand.run({ ...at, ...alone });
  await stand.run({ ...at, ...crowd, forMs: 400 });
  const together = await stand.run({ ...at, ...crowd });
  const key = `${at.side} ${at.way}`;
  const sample = samples.get(key) ?? { p50: [], rate: [], cpu: [] };
  samples.set(key, sample);
  sample.p50.push(percentile(quiet.latenciesMs, 50));
  sample.rate.push(together.latenciesMs.length / together.seconds);
  sample.cpu.push(together.cpu);
}

interface Summary {
  p50: number;
  rate: number;
  cpu: Round["cpu"];
}

function summary({ p50, rate, cpu }: Sample = { p50: [], rate: [], cpu: [] }): Summary {
  const middle = (who: keyof Round["cpu"]) => median(cpu.map((one) => one[who]));
  return {
    p50: median(p50),
    rate: median(rate),
    cpu: { gateway: middle("gateway"), server: middle("server"), platform: middle("platform") },
  };
}

function figuresOf({ name, way, product, floor }: { name: PlatformName; way: Way; product: Summary; floor: Summary }): Figure[] {
  const bare = "the bare SDK with the same durable writes";
  const what = `${name}, ${ways[way]}`;
  const cpu = (["gateway", "server", "platform"] as const).map(
    (who) => `${processNames[who]} ${product.cpu[who].toFixed(0)} (bare ${floor.cpu[who].toFixed(0)})`,
  );
  const why = `CPU per message in us: ${cpu.join(", ")}`;
  return [
    figure({
      name: `${what}, one at a time, p50`,
      value: product.p50,
      unit: "ms",
      against: { name: bare, value: floor.p50 },
      aim: { atMost: 1.5 },
      why,
    }),
    figure({
      name: `${what}, ${crowd.inFlight} in flight`,
      value: product.rate,
      unit: "1/s",
      against: { name: bare, value: floor.rate },
      aim: { atLeast: 0.8 },
      why,
    }),
    figure({
      name: `${what}, CPU per message, gateway`,
      value: product.cpu.gateway,
      unit: "us",
      against: { name: bare, value: floor.cpu.gateway },
    }),
  ];
}

const processNames = { gateway: "gateway", server: "nats-server", platform: "fake platform and load" };

/** Sends that a paced run makes: what each platform lets through in some seconds, and a little more than its burst. */
const pacedCount: Readonly<Record<PlatformName, number>> = { slack: 256, discord: 256, matrix: 14 };

/** The gateway as it ships, on a platform that turns away what comes too fast. */
export async function measurePaced(at: { name: PlatformName; place: ServerPlace }): Promise<Figure[]> {
  const { name } = at;
  progress(`${name}: paced`);
  const stand = await startPaced(at);
  await stand.run({ side: "product", way: "in", count: 64, inFlight: 64, forMs: 20_000 });
  const round = await stand.run({ side: "product", way: "out", count: pacedCount[name], inFlight: 64, forMs: 120_000, withinMs: 180_000 });
  await stand.stop();
  const what = `${name}, paced, 64 sends in flight in 64 rooms`;
  return [
    figure({ name: `${what}, ${ways.out}`, value: round.latenciesMs.length / round.seconds, unit: "1/s" }),
    figure({
      name: `${what}, turned away by the platform`,
      value: round.turnedAway,
      unit: "1",
      // A homeserver's pace is its owner's choice: only its refusals tell it.
      ...(name === "matrix" ? {} : { aim: { atMost: 0 } }),
    }),
  ];
}
