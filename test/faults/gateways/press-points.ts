import type { CrashPoint } from "@bellhop/service";
import { restartNatsWhenKilled } from "../../stage.ts";
import { gatewayOf, type Team } from "../../team.ts";
import { until } from "../../until.ts";
import type { Victim } from "./points.ts";

/** Where a process can die between a press and its answer. Those of gateways and of the steps of a run are everybody's; this one is a press's alone. */
export const pressPoints: readonly CrashPoint[] = ["engine.pressed"];

export const pressCases: readonly CrashPoint[] = ["gateway.received", "gateway.stored", ...pressPoints, "engine.saved", "engine.applied"];

/** Kills whoever gets to that point first, with a press of a card in hand on every platform. People press again for as long as it seems to fail, and once more when it
 *  was taken: what was asked is answered once all the same. Needs the pack `asking`. */
export async function hitPresses(
  team: Team,
  { point, victim, words }: { point: CrashPoint; victim: Victim; words: string },
): Promise<{ hits: number; faults: string[] }> {
  const { stage, chats } = team;
  const before = stage.crashes().length;
  const hits = () => stage.crashes().length - before;
  await team.disconnect();
  await team.connect();
  const cards = await Promise.all(
    chats.map(async (chat) => {
      const said = await chat.say({ text: `!ship ${words}` });
      const find = () => said.answers().find(({ text }) => text.includes("Asked by asking.ship"));
      await until(() => find() !== undefined, { instead: () => said.answers() });
      return { chat, said, id: find()?.id ?? "" };
    }),
  );
  const watching = restartNatsWhenKilled(stage);
  const crash = victim === "nats" ? `${point}@${stage.nats.pid}` : point;
  for (const part of point.startsWith("engine.") ? (["engine-1"] as const) : chats.map(gatewayOf)) {
    await stage.kill(part);
    stage.start(part, { crash });
  }
  await until(() => chats.every((chat) => chat.connections() > 0));
  await Promise.all(
    cards.map(async ({ chat, said, id }) => {
      const isAnswered = () => said.answers().some(({ text }) => text === "shipped");
      // Who was not told that a press was taken presses again, now and then.
      const pressAgain = () => {
        const card = said.answers().find((one) => one.id === id);
        if (card?.text.includes("Answered by") === false) void chat.press(card, "Approve").catch(() => {});
        return isAnswered();
      };
      await until(pressAgain, { everyMs: 1_000, instead: () => said.answers() });
    }),
  );
  await until(() =>
    cards.every(
      ({ said, id }) =>
        said
          .answers()
          .find((one) => one.id === id)
          ?.text.includes("Answered by") === true,
    ),
  );
  watching.stop();
  const faults = cards.flatMap(({ chat, said }) => {
    const answers = said.answers().filter(({ text, only }) => text === "shipped" && !only);
    return answers.length === 1 ? [] : [`${chat.name}: answered ${answers.length} times`];
  });
  return { hits: hits(), faults };
}
