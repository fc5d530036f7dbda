import { spans, token, traceOf, type Durations, type Piece, type Receipt } from "@bellhop/contracts";
import type { Bucket, MemberRef } from "@bellhop/bus";
import { noTelemetry, point, type Log, type Telemetry } from "@bellhop/service";
import type { Adapter, Call, SendResult } from "./adapter.ts";
import type { Calls, Turn } from "./calls.ts";
import { pause, type Clock } from "./clock.ts";
import { openLedger, type Ledger } from "./ledger.ts";
import { indexOf, nextStep, piecesAfter, piecesDuring, piecesFor, type CallStep, type Can } from "./next-step.ts";
import { callPiece, findPiece, type ReadFile } from "./piece-call.ts";
import { below, type QueuedSend } from "./queued-send.ts";
import { createRecord, type SendRecord } from "./record.ts";
import { createWriter, type Wording, type Words } from "./wording.ts";

/** What to do with a piece that nobody knows the end of, on a platform that gives no way to look. */
export type UnsurePolicy = "resend" | "stay_silent";

export interface SayingOptions {
  adapter: Adapter;
  receipts: Bucket<Receipt>;
  read: ReadFile;
  /** Who sends: stands in the receipts. */
  me: MemberRef;
  calls: Calls;
  clock: Clock;
  /** Aborted when we may not send any more. */
  over: AbortSignal;
  unsure: UnsurePolicy;
  durations: Pick<Durations, "lateReply" | "rewordEvery">;
  log: Log;
  telemetry?: Telemetry;
}

export type Said =
  /** This wording may be acknowledged. What stands may be reworded from `restUntil` on, by the clock. */
  | { readonly kind: "over"; readonly revision: number; readonly restUntil: number }
  /** The wording before was begun and has to come first. */
  | { readonly kind: "earlier" };

/** Says a send piece by piece, so that each stands once: receipt `sending`, the platform's call, receipt `sent`. Goes on where an earlier try, perhaps of
 *  somebody else, ended. Waits for as long as the platform can't be reached.
 *  @throws Problem platform_unavailable when we may not send any more */
export async function say(queued: QueuedSend, options: SayingOptions): Promise<Said> {
  const { send } = queued.words();
  const { key, run, revision, final, platform } = send;
  const { telemetry = noTelemetry } = options;
  const trace = send.trace ?? traceOf(send.answers ?? key);
  const ledger = await openLedger(options.receipts, { key: token(key), fresh: queued.fresh });
  const saying = new Saying(await below(queued, options), ledger, { ...options, telemetry, log: options.log.child({ key, run, trace }) });
  return await telemetry.span(
    () => spans.send(trace, { key, revision }),
    { platform, run, final },
    () => saying.run(),
  );
}

/** One send while it is being said. */
class Saying {
  readonly #queued: QueuedSend;
  readonly #options: SayingOptions & { telemetry: Telemetry };
  readonly #record: SendRecord;
  readonly #by: string;
  readonly #can: Can;
  readonly #write: (words: Words, receipt: Receipt | undefined) => Wording;
  readonly #since: number;
  #turn: Turn | undefined;
  /** When we tried the piece in doubt. */
  #triedAt: number | undefined;
  /** The piece in doubt was looked for since. */
  #notThere = false;
  #failures = 0;
  #restUntil = 0;

  constructor(queued: QueuedSend, ledger: Ledger, options: SayingOptions & { telemetry: Telemetry }) {
    const { adapter, me, clock, durations, read, log } = options;
    this.#queued = queued;
    this.#options = options;
    this.#by = `${me.id}/${me.epoch}`;
    this.#record = createRecord({ ledger, by: this.#by, send: () => queued.words().send, adapter, read, log });
    this.#can = { reword: adapter.reword !== undefined, remove: adapter.remove !== undefined };
    this.#write = createWriter({ adapter, lateMs: durations.lateReply, now: Date.now });
    this.#since = clock.now();
    // A rewording that somebody left may still be on its way, and must not come after a newer one.
    const left =
      ledger.receipt?.state === "sending" && ledger.receipt.pieces.some(({ state, ref }) => state === "sending" && ref !== undefined);
    if (left) this.#restFor(adapter.settleMs ?? 0);
  }

  async run(): Promise<Said> {
    try {
      for (;;) {
        const said = await this.#goOn();
        if (said !== undefined) return said;
      }
    } finally {
      this.#turn?.giveBack();
    }
  }

  /** One step: what was waited for or written may have changed everything. */
  async #goOn(): Promise<Said | undefined> {
    const { over, calls } = this.#options;
    const { receipt } = this.#record;
    const wording = this.#write(this.#queued.words(), receipt);
    const step = nextStep(wording.send, receipt, { count: wording.pieces.length, can: this.#can, blind: this.#queued.blind });
    switch (step.kind) {
      case "done":
        return (await this.#save()) ? { kind: "over", revision: wording.send.revision, restUntil: this.#restUntil } : undefined;
      case "earlier":
        return { kind: "earlier" };
      case "finish":
        this.#record.note(wording, { state: "sent", pieces: this.#pieces(wording).map(standing) });
        this.#stands(wording);
        return undefined;
      case "look":
      case "post":
      case "reword":
      case "remove":
      case "react":
        if (over.aborted && (await this.#save())) throw calls.stopped();
        if (over.aborted) return undefined;
        if (step.kind !== "look") await this.#carryOut(step, wording, { again: false });
        else if (this.#notThere) await this.#carryOut({ kind: "post", index: step.index }, wording, { again: true });
        else await this.#look(step.index, wording);
        return undefined;
    }
  }

  /** One call to the platform between two writes of the receipt. */
  async #carryOut(step: CallStep, wording: Wording, { again }: { again: boolean }): Promise<void> {
    const turn = await this.#takeTurn(step.kind, { wording, again });
    if (turn === undefined) return;
    const pieces = piecesDuring(this.#pieces(wording), step);
    const { receipt } = this.#record;
    // What is tried again stands there as tried already, and since when.
    if (!again || receipt?.by !== this.#by) this.#record.note(wording, { state: "sending", pieces, ...(again && { at: receipt?.at }) });
    this.#queued.begin();
    if (!(await this.#save())) return;
    this.#turn = undefined;
    point("gateway.sending");
    const { adapter, read } = this.#options;
    const result = await callPiece({ adapter, turn, wording, step, again, read });
    point("gateway.sent-unrecorded");
    await this.#conclude(result, { step, wording, pieces, again });
  }

  async #conclude(
    result: SendResult,
    { step, wording, pieces, again }: { step: CallStep; wording: Wording; pieces: readonly Piece[]; again: boolean },
  ): Promise<void> {
    const { adapter, calls, clock, durations, log } = this.#options;
    const { revision } = wording.send;
    switch (result.kind) {
      case "sent":
        this.#record.note(wording, { state: step.kind === "react" ? "sent" : "sending", pieces: piecesAfter(pieces, step, result) });
        this.#record.gave({ index: indexOf(step), ...(step.kind === "post" && { posted: result.ref }) });
        if (step.kind === "reword") this.#restFor(durations.rewordEvery);
        this.#failures = 0;
        return;
      case "refused":
        log.error({ revision, step: step.kind, piece: indexOf(step), why: result.why }, "a send was refused");
        this.#record.gave({ index: indexOf(step) });
        if (step.kind === "reword" && result.gone === true && wording.send.renew === true) {
          return this.#record.note(wording, { state: "sending", pieces: pieces.toSpliced(step.index, 1) });
        }
        // What can't be taken back stands too many; everything else is said.
        if (step.kind === "remove") this.#record.note(wording, { state: "sending", pieces: piecesAfter(pieces, step, result) });
        else {
          this.#record.note(wording, { state: "failed", pieces: piecesAfter(pieces, step, result), why: result.why });
          this.#options.telemetry.count("bellhop_sends_total", { platform: adapter.platform, outcome: "failed" });
        }
        return;
      case "unavailable":
        log.debug({ revision, why: result.why }, "the platform can't be reached");
        if (!again) this.#record.note(wording, { state: "sending", pieces: piecesAfter(pieces, step, { kind: "gone" }) });
        if (!pieces.some(({ state }) => state === "sent") && !again) this.#queued.rest();
        if ((await this.#save()) && result.retryAfterMs === undefined) await calls.patience(++this.#failures);
        return;
      case "unsure":
        log.warn({ revision, step: step.kind, piece: indexOf(step), why: result.why }, "a send is unsure");
        this.#triedAt = clock.now();
        this.#notThere = false;
        if (step.kind === "reword") this.#restFor(adapter.settleMs ?? 0);
        await calls.patience(++this.#failures);
    }
  }

  #stands({ send, pieces }: Wording): void {
    const { log, telemetry } = this.#options;
    const { platform, revision, final, askedAt } = send;
    telemetry.count("bellhop_sends_total", { platform, outcome: "sent" });
    if (!final) return log.debug({ revision, pieces: pieces.length }, "sent");
    log.info({ revision, pieces: pieces.length }, "the reply was sent");
    // Of two clocks, one may be a little ahead.
    if (askedAt !== undefined)
      telemetry.observe("bellhop_reply_seconds", { platform }, Math.max(0, Date.now() - Date.parse(askedAt)) / 1000);
  }

  /** Finds out about the piece in doubt. */
  async #look(index: number, wording: Wording): Promise<void> {
    const { adapter, calls, clock, over, read, unsure, log } = this.#options;
    const { receipt } = this.#record;
    if (receipt === undefined) return;
    const about = { revision: receipt.revision, piece: index, by: receipt.by };
    if (adapter.find === undefined) {
      log.warn({ ...about, policy: unsure }, "a send was left unsure and can't be looked up");
      if (unsure === "resend") this.#notThere = true;
      else this.#record.note(wording, { state: "failed", pieces: receipt.pieces, why: "unsure" });
      return;
    }
    await pause(clock, (this.#triedAt ?? this.#since) + (adapter.settleMs ?? 0) - clock.now(), over);
    const turn = over.aborted ? undefined : await this.#takeTurn("find", { wording });
    if (turn === undefined) return;
    this.#turn = undefined;
    const found = await findPiece({ adapter, turn, wording, receipt, index, read });
    switch (found.kind) {
      case "sent":
        log.warn({ ...about, ref: found.ref }, "a send was left unsure and stands");
        this.#record.correct(receipt, receipt.pieces.with(index, { state: "sent", ref: found.ref }));
        return;
      case "not-there":
        log.warn(about, "a send was left unsure and does not stand");
        // Of a wording that is not to be had any more nothing can be said again.
        if (receipt.revision === wording.send.revision) this.#notThere = true;
        else this.#record.correct(receipt, receipt.pieces.slice(0, index));
        return;
      case "unavailable":
      case "unsure":
        if (found.kind === "unsure" || found.retryAfterMs === undefined) await calls.patience(++this.#failures);
    }
  }

  /** Undefined when it had to be waited for: there may be newer words now. The turn is kept for what comes of them. */
  async #takeTurn(kind: Call["kind"], { wording, again }: { wording: Wording; again?: boolean }): Promise<Turn | undefined> {
    const { calls } = this.#options;
    const { to, body, gesture } = wording.send;
    const call: Call = { kind, to, file: (body.files?.length ?? 0) > 0, gone: gesture?.kind === "reaction" && gesture.gone, again };
    this.#turn ??= calls.tryTurn(call);
    if (this.#turn !== undefined) return this.#turn;
    // Else the write before the next call records what the last one gave.
    if (await this.#save()) this.#turn = await calls.turn(call);
    return undefined;
  }

  #pieces({ send }: Wording): readonly Piece[] {
    return piecesFor(send, this.#record.receipt, this.#can);
  }

  async #save(): Promise<boolean> {
    const isOurs = await this.#record.save();
    if (!isOurs) this.#notThere = false;
    return isOurs;
  }

  #restFor(ms: number): void {
    this.#restUntil = Math.max(this.#restUntil, this.#options.clock.now() + ms);
  }
}

function standing(piece: Piece): Piece {
  return piece.state === "sending" ? { ...piece, state: "sent" } : piece;
}
