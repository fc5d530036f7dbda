import { figure, median, type Figure } from "../figures.ts";
import { noop } from "../stack.ts";
import { rateBetween, sharedBy, startStand, wording, type Round, type Shares } from "./stand.ts";

const rounds = 3;
const order = { count: 100_000, inFlight: 256, forMs: 4_000 };

/** What is asked: what needs a runner, and what an engine answers by itself. */
const lines = [
  { text: noop, name: "commands that run, 256 in flight" },
  { text: "help", name: "commands that the engine answers by itself, 256 in flight" },
];

/** One engine and two, round about. */
export async function measureEngines(cores: number): Promise<Figure[]> {
  const stand = await startStand("engines", cores);
  await stand.start("engine");
  await stand.start("runner");
  for (const { text } of lines) await stand.run({ ...order, text, forMs: 2_000 });
  const taken = new Map<string, Round[]>();
  const take = async (engines: number) => {
    await sharedBy(stand.bus, engines);
    for (const { text } of lines) {
      const name = `${text} ${engines}`;
      const round = await stand.run({ ...order, text });
      process.stderr.write(`${engines} engines, "${text}": ${rate(round).toFixed(0)}/s\n`);
      taken.set(name, [...(taken.get(name) ?? []), round]);
    }
  };
  for (let round = 0; round < rounds; round++) {
    await take(1);
    const second = await stand.start("engine");
    await sharedBy(stand.bus, 2);
    // It compiles what it does often, as the first one has.
    for (const { text } of lines) await stand.run({ ...order, text, forMs: 1_500 });
    await take(2);
    await stand.stop(second);
  }
  await stand.end();
  return lines.map(({ text, name }) => {
    const [one, two] = [1, 2].map((engines) => taken.get(`${text} ${engines}`) ?? []);
    const middle = (of: Round[] = []) => median(of.map(rate));
    return figure({
      name: `${name}, two engines`,
      value: middle(two),
      unit: "1/s",
      against: { name: "one engine", value: middle(one) },
      aim: { atLeast: 1.3 },
      why: shares(one ?? [], cores),
    });
  });
}

function rate(round: Round): number {
  return rateBetween(round, 0.5, order.forMs / 1000);
}

/** With one engine: what is left of the machine for a second one. */
function shares(of: readonly Round[], cores: number): string {
  const middle = (what: "busy" | "cpu"): Shares => {
    const part = (who: keyof Shares) => median(of.map((round) => round[what][who]));
    return { engine: part("engine"), runner: part("runner"), server: part("server"), load: part("load") };
  };
  const percent = wording(middle("busy"), (share) => `${(share * 100).toFixed(0)} %`);
  const cpu = middle("cpu");
  const most = (cores * 1_000_000) / Object.values(cpu).reduce((sum, one) => sum + one, 0);
  return `with one engine ${percent} of the ${cores} cores is at work; a command takes ${wording(cpu, (us) => `${us.toFixed(0)} us`)}, so however many engines there are, ${most.toFixed(0)}/s is the end`;
}
