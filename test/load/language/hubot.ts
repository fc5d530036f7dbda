// oxlint-disable-next-line typescript/triple-slash-reference -- no import finds types of a package that has none
/// <reference path="./hubot.d.ts" />
import { Robot, TextMessage, User } from "hubot";
import { median, percentile } from "../figures.ts";

/** Microseconds that Hubot takes to find the listener of a command, its listeners being the expressions that StackStorm's adapter makes of formats. */
export async function hubotMicroseconds(at: {
  formats: readonly string[];
  command: string;
  rounds: number;
  times: number;
}): Promise<number> {
  const { formats, command, rounds, times } = at;
  const robot = new Robot({ name: "none", close() {} }, false, "hubot");
  // It warns of anchors, and of much else.
  robot.logger.level = "silent";
  let heard = 0;
  for (const format of formats) robot.respond(new RegExp(expressionOf(format).source.slice(1), "i"), () => void heard++);
  const user = new User("1");
  const say = (id: number) => robot.receive(new TextMessage(user, `hubot ${command}`, String(id)));
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const each: number[] = [];
    for (let time = 0; time < times; time++) {
      const before = performance.now();
      await say(round * times + time);
      each.push((performance.now() - before) * 1_000);
    }
    took.push(percentile(each, 50));
  }
  robot.shutdown();
  if (heard !== rounds * times) throw new Error(`Hubot heard ${heard} of ${rounds * times} commands`);
  return median(took);
}

/** As Hubot's adapter for StackStorm builds it. */
export function expressionOf(format: string): RegExp {
  const optional = format.replace(/(\s*)\{\{\s*\S+\s*=\s*[^}]+\}\}(\s*)/g, String.raw`\s*($1([\s\S]+?)$2)?\s*`);
  return new RegExp(String.raw`^\s*${optional.replace(/\s*\{\{[^}]+\}\}\s*/g, String.raw`\s*([\s\S]+?)\s*`)}\s*$`, "i");
}
