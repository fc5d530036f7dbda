import { buckets, passName, problem, shardOfRun, type Gate, type Pass, type Run } from "@bellhop/contracts";
import { circleAmong, entering, isLimited, mainTask, ownAttempt, refuse, verdicts } from "@bellhop/core";
import type { Engine } from "../engine.ts";
import { policing } from "../runs/decide-settings.ts";
import { readLog } from "../runs/log/read-run.ts";

/** So many passes are looked up in the logs of their runs in one go. */
const readAtOnce = 64;

/** When a pass is looked at again, on the monotonic clock: less and less often, as what stands for long does so for a reason. */
interface Check {
  readonly due: number;
  readonly pause: number;
  readonly times: number;
}

/** Finds out, every so often, who is at the gates of a shard without knowing it, who waits without being there, who was told and did not hear, and who waits for each other.
 *  @param gates as they are now */
export function startGateChecks(engine: Engine, shard: number, known: () => readonly Gate[]): { stop(): void } {
  const { bus, gates, durations, log } = engine;
  const checks = new Map<string, Check>();
  let overdue = new Set<string>();
  let circle: ReadonlySet<string> | undefined;
  let stopped = false;

  /** Passes that nobody gives back any more, and those who did not hear how they fare: the run's log knows. */
  const checkPasses = async (): Promise<void> => {
    const now = performance.now();
    const all = known().flatMap(({ action, inside, line }) => [...inside, ...line].map((pass) => ({ action, pass, name: passName(pass) })));
    const names = new Set(all.map(({ name }) => name));
    for (const name of checks.keys()) if (!names.has(name)) checks.delete(name);
    for (const { name } of all) {
      if (!checks.has(name)) checks.set(name, { due: now + durations.gateSweep, pause: durations.gateSweep, times: 0 });
    }
    const due = all
      .flatMap((one) => {
        const check = checks.get(one.name);
        return check === undefined || check.due > now ? [] : [{ ...one, check }];
      })
      .toSorted((a, b) => a.check.due - b.check.due);
    for (const { action, pass, name, check } of due.slice(0, readAtOnce)) {
      const pause = Math.min(check.pause * 2, durations.gateSweep * 32);
      checks.set(name, { due: now + pause, pause, times: check.times + 1 });
      await checkPass(action, pass, check.times + 1);
    }
  };
  const checkPass = async (action: string, pass: Pass, times: number): Promise<void> => {
    const { run: id, task, attempt } = pass;
    const read = await readLog(bus, id);
    const fate = fateOf(read?.run, pass);
    if (fate === "waits") {
      const gate = known().find((one) => one.action === action);
      const told = gate === undefined ? [] : verdicts(gate, gates.settings(action));
      const verdict = told.find((one) => passName(one.pass) === passName(pass))?.verdict;
      if (verdict !== undefined && verdict.kind !== "waits") await gates.tell(pass, verdict, { again: times });
    }
    if (fate !== "gone") return;
    log.warn({ action, ...pass }, "a pass that nobody has is taken back");
    // Whoever gave it back may have died before that was carried out: how it ended counts for what cools down.
    const own = read?.commands.find((command) => command.kind === "leave" && passName(command.pass) === passName(pass));
    await gates.apply(own?.kind === "leave" ? own : { kind: "leave", action, pass: { run: id, task, attempt } });
  };
  /** Runs that wait at a gate which does not know them. */
  const checkWaiting = async (): Promise<void> => {
    const waiting = engine.book
      .live()
      .filter((run) => waitsAtGate(run) && shardOfRun(run.id) === shard)
      .flatMap(waitingIn);
    const before = overdue;
    overdue = new Set(waiting.map(({ name }) => name));
    const late = waiting.filter(({ name }) => before.has(name));
    // Side by side: those at one gate read its record together.
    const settings = { lateResult: durations.lateResult, ...policing(engine) };
    await Promise.all(
      late.map(({ run, task, attempt, action, input }) =>
        gates.apply(entering({ run, name: task, attempt, action, input, at: run.askedAt, settings })),
      ),
    );
  };
  /** Workflows that wait for each other. Only where somebody who is part of one waits is it worth a look at all gates. */
  const checkCircles = async (): Promise<void> => {
    const long = Date.now() - durations.gateSweep;
    const mayBe = known().some(({ line }) => line.some(({ within, at }) => within !== undefined && at < long));
    if (!mayBe) {
      circle = undefined;
      return;
    }
    const seen = (await bus.bucket(buckets.gate).entries(">")).flatMap(({ value: gate }) => {
      const { policies } = gates.settings(gate.action);
      return isLimited(policies) ? [{ gate, policies }] : [];
    });
    const found = circleAmong(seen, circle);
    const isSure = circle !== undefined;
    circle = found?.names;
    if (found === undefined || !isSure) return;
    const { victim, policies } = found;
    const { action, pass } = victim;
    log.warn({ action, ...pass, policies }, "workflows wait for each other, one gives way");
    const why = problem("policy_circle", { action, policies: policies.join(", ") }).data;
    await gates.change(action, (gate) => refuse(gate, pass, why));
  };

  let sweeping = false;
  const sweep = async (): Promise<void> => {
    if (sweeping || stopped) return;
    sweeping = true;
    try {
      await checkPasses();
      await checkWaiting();
      await checkCircles();
    } catch (error) {
      log.warn({ shard, error: String(error) }, "gates could not be gone through, they will be");
    } finally {
      sweeping = false;
    }
  };
  const timer = setInterval(() => void sweep(), durations.gateSweep);
  return {
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}

/** Whether a run still has a pass. */
function fateOf(run: Run | undefined, { task: name, attempt }: Pass): "held" | "waits" | "gone" {
  if (run === undefined || run.endedAt !== undefined) return "gone";
  if (run.gate?.asked === true && name === mainTask) return run.gate.waits === "gate" ? "waits" : "held";
  const task = run.tasks[name];
  if (task?.pass !== attempt) return "gone";
  return task.waits === "gate" ? "waits" : "held";
}

/** Of thousands that are live few do. */
function waitsAtGate({ gate, workflow, tasks }: Run): boolean {
  return gate?.waits === "gate" || (workflow !== undefined && Object.values(tasks).some(({ waits }) => waits === "gate"));
}

/** What of a run waits at gates. */
function waitingIn(run: Run) {
  const { id, action, gate, workflow, tasks } = run;
  const own = workflow?.task ?? tasks[mainTask];
  const whole = gate?.waits === "gate" && own !== undefined ? [{ task: mainTask, attempt: ownAttempt, action, input: own.input }] : [];
  const parts =
    workflow === undefined
      ? []
      : Object.entries(tasks).flatMap(([task, { waits, pass, action: called, input }]) =>
          waits === "gate" && pass !== undefined ? [{ task, attempt: pass, action: called, input }] : [],
        );
  return [...whole, ...parts].map((one) => ({ ...one, run, name: passName({ run: id, task: one.task, attempt: one.attempt }) }));
}
