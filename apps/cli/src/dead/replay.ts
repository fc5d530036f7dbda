import type { Bus } from "@bellhop/bus";
import { messageIds, subjects, toProblem, type ProblemData } from "@bellhop/contracts";
import { replayOf } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import { failureText, hasColour, note, type ExitCode } from "../report.ts";
import { withBus } from "../with-bus.ts";
import { checkChosen, letterOf, numbersOf, opened, type Chosen } from "./letters.ts";
import { visible } from "./visible.ts";

interface Replayed {
  number: number;
  /** Where it was published. */
  subject: string;
  /** The run it asks for, where it can be told before. */
  run?: string;
}

interface Kept {
  number: number;
  error: ProblemData;
}

/** `bellhop dead replay N…`: tries dead letters again. A letter is taken away once what it says is stored where it came from: what becomes of it there is the
 *  next try's to decide, and if it dies again it is a new letter. 1 where one stays. */
export async function deadReplay(given: readonly string[], options: Chosen & { json: boolean }, env: Env): Promise<ExitCode> {
  checkChosen(given, options);
  return withBus(env, "bellhop dead replay", async (bus) => {
    const replayed: Replayed[] = [];
    const kept: Kept[] = [];
    for (const number of await numbersOf(bus, given, options)) {
      try {
        const done = await replay(bus, number);
        replayed.push(done);
        if (!options.json) process.stdout.write(`${told(done)}\n`);
      } catch (thrown) {
        const error = toProblem(thrown).data;
        kept.push({ number, error });
        if (!options.json) note(failureText(error, hasColour(process.stderr)));
      }
    }
    if (options.json) process.stdout.write(`${JSON.stringify({ replayed, kept })}\n`);
    else if (replayed.length > 0) note("What becomes of it, its next try decides; what dies again is a new letter in `bellhop dead list`.");
    else if (kept.length === 0) note("There are no dead letters.");
    return kept.length === 0 ? 0 : 1;
  });
}

/** Killed between the two steps, the letter is still there: replayed once more it is the same message, key and run, and found dealt with.
 *  @throws Problem dead_unknown, dead_kept */
async function replay(bus: Bus, number: number): Promise<Replayed> {
  const letter = await letterOf(bus, number);
  const { payload, about } = opened(letter);
  const run = about.run === undefined ? undefined : (await bus.log.last(about.run))?.record.state;
  const decision = replayOf({ number, subject: letter.subject, payload, run });
  let done: Replayed = { number, subject: letter.subject };
  switch (decision.kind) {
    case "kept":
      throw decision.problem;
    case "asked":
      await bus.publish(subjects.run.asked, decision.ask, { id: messageIds.replayed(number) });
      done = { number, subject: subjects.run.asked.of(decision.ask), run: decision.ask.run };
      break;
    case "changed":
      await bus.dead.replay(letter, decision.payload);
      break;
    case "same":
      await bus.dead.replay(letter);
  }
  await bus.dead.drop(number);
  return done;
}

function told({ number, subject, run }: Replayed): string {
  return `${number}  ${visible(subject)}${run === undefined ? "" : `  as run ${run}`}`;
}
