import { connectBus, type Bus, type Reading } from "@bellhop/bus";
import { problem, streams, subjects, type OutputChunk, type RunRecord } from "@bellhop/contracts";
import { stepOf } from "@bellhop/history";
import { commonConfig, silentLog, type Env } from "@bellhop/service";
import { tellIfMissing } from "../nats/missing.ts";
import { hasColour, note, type ExitCode } from "../report.ts";
import { stopSignal } from "../stop-signal.ts";
import { runningIn } from "../up-lock.ts";
import { stepLine } from "./look.ts";
import { nameRun } from "./name-run.ts";
import { findRun } from "./show.ts";

/** Steps of all runs that are shown before new ones. */
const shownBefore = 20;

/** `bellhop runs tail [ID]`: what happened and was printed so far, then what happens: of one run until it is over, or of all until somebody stops it.
 *  Answers 1 where the one run did not succeed. */
export async function runsTail(id: string | undefined, options: { json: boolean }, env: Env): Promise<ExitCode> {
  const { nats, durations, folder } = commonConfig(env, "cli");
  if (env.NATS_URL === undefined && (await runningIn(folder)) === undefined) throw problem("not_running", { folder });
  const named = id === undefined ? undefined : await nameRun(id, env);
  const stop = stopSignal();
  const bus = await connectBus({ ...nats, name: "bellhop runs tail", role: "cli", durations, log: silentLog });
  try {
    tellIfMissing(bus);
    if (named === undefined) return await tailAll(bus, options, stop);
    if ((await bus.log.last(named.run)) !== undefined) return await tailOne(bus, { ...named, ...options, stop });
    // Older than the log: what is remembered is all there is.
    const { steps, status } = await findRun(named.run, env);
    for (const step of steps) print({ kind: "step", run: named.run, ...step }, options);
    return status === "succeeded" ? 0 : 1;
  } finally {
    await bus.drain();
  }
}

async function tailAll(bus: Bus, options: { json: boolean }, stop: AbortSignal): Promise<ExitCode> {
  const { changed } = subjects.run;
  const { first, last } = await bus.log.extent();
  const from = Math.max(first, last - shownBefore + 1);
  const reading = bus.read({ subject: changed, stream: streams.run, filter: changed.filter(), from });
  stop.addEventListener("abort", () => reading.stop());
  for await (const { entries } of reading) {
    for (const { payload: record, sequence } of entries) {
      const step = stepOf({ record, sequence });
      if (step !== undefined) print({ kind: "step", run: record.run, action: record.state?.action, ...step }, options);
    }
  }
  return 0;
}

async function tailOne(bus: Bus, at: { run: string; shard: number; json: boolean; stop: AbortSignal }): Promise<ExitCode> {
  const { run, shard, json, stop } = at;
  const { changed, output } = subjects.run;
  const readings = {
    steps: bus.read({ subject: changed, stream: streams.run, filter: changed.filter({ shard, run }), from: 1 }),
    output: bus.read({ subject: output, stream: streams.output, filter: output.filter({ run }), from: 1 }),
  };
  const end = () => {
    readings.steps.stop();
    readings.output.stop();
  };
  stop.addEventListener("abort", end);
  let printed = 0;
  let code: ExitCode | undefined;
  const tell = (piece: Piece) => {
    if ("chunk" in piece) {
      printed = piece.sequence;
      const { stream, text, attempt, seq } = piece.chunk;
      print({ kind: "output", run, stream, text, attempt, seq }, { json });
      return;
    }
    const { record, sequence } = piece;
    const step = stepOf({ record, sequence });
    if (step !== undefined) print({ kind: "step", run, ...step }, { json });
    const { state } = record;
    if (state?.endedAt !== undefined) code = state.status === "succeeded" ? 0 : 1;
  };
  try {
    for await (const piece of merged(readings.steps, readings.output)) {
      tell(piece);
      if (code !== undefined) break;
    }
  } finally {
    end();
  }
  if (code === undefined) return 0;
  // What the action printed was sent before its result was: it is there by now.
  for await (const { entries, pending } of bus.read({
    subject: output,
    stream: streams.output,
    filter: output.filter({ run }),
    from: printed + 1,
  })) {
    for (const { payload: chunk, sequence } of entries) tell({ chunk, sequence });
    if (pending === 0) break;
  }
  return code;
}

type Piece = { record: RunRecord; sequence: number } | { chunk: OutputChunk; sequence: number };

/** Both readings in the order in which the server stored what they hold, then each as it comes. */
async function* merged(steps: Reading<RunRecord>, output: Reading<OutputChunk>): AsyncGenerator<Piece> {
  const sources = [
    piecesOf(steps, (record, sequence): Piece => ({ record, sequence })),
    piecesOf(output, (chunk, sequence): Piece => ({ chunk, sequence })),
  ];
  const replay = (await Promise.all(sources.map(upToNow))).flat();
  for (const { piece } of replay.toSorted((a, b) => a.storedAt - b.storedAt)) yield piece;
  const next = sources.map(async (source) => ({ source, batch: await source.next() }));
  for (;;) {
    const { source, batch } = await Promise.race(next);
    if (batch.done === true) return;
    next[sources.indexOf(source)] = source.next().then((following) => ({ source, batch: following }));
    for (const { piece } of batch.value.pieces) yield piece;
  }
}

interface Batch {
  pieces: { piece: Piece; storedAt: number }[];
  pending: number;
}

async function* piecesOf<Payload>(
  reading: Reading<Payload>,
  toPiece: (payload: Payload, sequence: number) => Piece,
): AsyncGenerator<Batch, void> {
  for await (const { entries, pending } of reading) {
    yield { pending, pieces: entries.map(({ payload, sequence, storedAt }) => ({ piece: toPiece(payload, sequence), storedAt })) };
  }
}

async function upToNow(source: AsyncGenerator<Batch, void>): Promise<Batch["pieces"]> {
  const pieces: Batch["pieces"] = [];
  for (;;) {
    const batch = await source.next();
    if (batch.done === true) return pieces;
    pieces.push(...batch.value.pieces);
    if (batch.value.pending === 0) return pieces;
  }
}

type Line =
  | ({ kind: "step"; run: string; action?: string } & Parameters<typeof stepLine>[0])
  | ({ kind: "output"; run: string } & Pick<OutputChunk, "stream" | "text" | "attempt" | "seq">);

/** For people: what the action printed goes where the action printed it, everything else is a note. */
function print(line: Line, { json }: { json: boolean }): void {
  if (json) process.stdout.write(`${JSON.stringify(line)}\n`);
  else if (line.kind === "output") (line.stream === "stdout" ? process.stdout : process.stderr).write(line.text);
  else {
    const { run, action } = line;
    const who = action === undefined ? "" : `${run.slice(-10)} ${action}  `;
    const text = `${who}${stepLine(line)}`;
    note(hasColour(process.stderr) ? `\u001b[2m${text}\u001b[22m` : text);
  }
}
