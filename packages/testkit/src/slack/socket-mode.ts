import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { parseJson } from "./call.ts";
import type { SlackEvent } from "./events.ts";
import type { EventFault } from "./faults.ts";
import { nextSerial, type Workspace } from "./state.ts";

export interface SocketModeOptions {
  /** How long an envelope may stay without an acknowledgement, in ms. Slack: 3 s. */
  ackTimeoutMs: number;
  /** The waits before each redelivery, in ms; after the last the event is given up. Slack: at once, then 1 and 5 minutes. */
  retryDelaysMs: readonly number[];
  /** How long a press may stay without an acknowledgement, in ms. Slack: 3 s. */
  pressTimeoutMs: number;
  /** Slack pings each socket; the SDK gives a socket up that was pinged once and then not for 30 s. */
  pingMs: number;
}

/** One envelope on one socket. An event with no socket to go to makes none. */
export interface Delivery {
  envelopeId: string;
  eventId: string;
  event: SlackEvent;
  /** 0 for the first, as `retry_attempt` says it. */
  attempt: number;
  /** Counts the sockets since the start, from 1. */
  socket: number;
  acked: boolean;
}

interface Outgoing {
  eventId: string;
  seconds: number;
  event: SlackEvent;
  attempt: number;
  state: "open" | "acked" | "given_up";
}

interface Connection {
  number: number;
  socket: WebSocket;
  /** Told to go: it gets no new events. */
  leaving: boolean;
}

/** Slack's side of Socket Mode (docs.slack.dev/apis/events-api/using-socket-mode). Each event goes to one of the sockets, in turn; what is not
 *  acknowledged comes again in a new envelope with the same event_id. An event that finds no socket waits for its retries
 *  (vercel/chat#666). Not verified: that a closed socket makes its events wait out their time, and what happens to a late acknowledgement
 *  (here it still counts). */
export class SocketMode {
  readonly deliveries: Delivery[] = [];
  private readonly server = new WebSocketServer({ noServer: true });
  private readonly connections = new Set<Connection>();
  private readonly tickets = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly envelopes = new Map<string, { outgoing: Outgoing; delivery: Delivery }>();
  /** By the envelopes that people's presses went out in. */
  private readonly pressed = new Map<string, () => void>();
  private readonly events: Outgoing[] = [];
  private late: Outgoing[] = [];
  private turn = 0;
  private opened = 0;
  private readonly workspace: Workspace;
  private readonly options: SocketModeOptions;
  private readonly changed: () => void;

  constructor({ workspace, options, changed }: { workspace: Workspace; options: SocketModeOptions; changed: () => void }) {
    this.workspace = workspace;
    this.options = options;
    this.changed = changed;
  }

  openLink(port: number): string {
    const ticket = randomUUID();
    this.tickets.add(ticket);
    return `ws://127.0.0.1:${port}/link/?ticket=${ticket}&app_id=${this.workspace.bot.appId}`;
  }

  /** Takes a WebSocket in, if it brings a ticket that was not used before. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? "/", "ws://127.0.0.1").searchParams.get("ticket") ?? "";
    if (!this.tickets.delete(ticket)) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
      return;
    }
    this.server.handleUpgrade(request, socket, head, (accepted) => this.welcome(accepted));
  }

  sockets(): number {
    return this.ready().length;
  }

  /** Events that are neither acknowledged nor given up. */
  unsettled(): SlackEvent[] {
    return this.events.filter(({ state }) => state === "open").map(({ event }) => event);
  }

  /** Sends an event on its way, through the fault it meets. */
  send(event: SlackEvent, fault: EventFault | undefined): void {
    if (fault?.kind === "lost") return;
    const eventId = `Ev${String(nextSerial(this.workspace)).padStart(8, "0")}`;
    const outgoing: Outgoing = { eventId, event, seconds: Math.floor(this.workspace.now() / 1000), attempt: 0, state: "open" };
    this.events.push(outgoing);
    if (fault?.kind === "late") {
      this.late.push(outgoing);
      this.after(fault.ms ?? 200, () => this.releaseLate());
      return;
    }
    this.attempt(outgoing);
    if (fault?.kind === "twice") this.envelope({ ...outgoing, attempt: 1 }, outgoing);
    this.releaseLate();
  }

  /** Sends what a person pressed, once; resolves with whether it was acknowledged in time: else they see that it failed. */
  interact(payload: Record<string, unknown>): Promise<boolean> {
    const ready = this.ready();
    const connection = ready[this.turn++ % Math.max(ready.length, 1)];
    if (!connection) return Promise.resolve(false);
    const envelope_id = randomUUID();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.pressed.set(envelope_id, () => resolve(true));
    this.after(this.options.pressTimeoutMs, () => {
      this.pressed.delete(envelope_id);
      resolve(false);
    });
    connection.socket.send(JSON.stringify({ envelope_id, type: "interactive", payload, accepts_response_payload: true }));
    return promise;
  }

  /** Asks the oldest `count` sockets to reconnect; they get no events from now on and are closed after 10 s if they stay. */
  refresh(count: number): void {
    for (const connection of this.ready().slice(0, count)) {
      connection.leaving = true;
      connection.socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested", debug_info: { host: "fake" } }));
      this.after(10_000, () => connection.socket.terminate());
    }
  }

  /** Cuts every connection without a close frame. */
  drop(): void {
    for (const { socket } of this.connections) socket.terminate();
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.drop();
    this.server.close();
  }

  private welcome(socket: WebSocket): void {
    // Ten connections at most (using-socket-mode, "Using multiple connections"); what the eleventh is told: slackapi/node-slack-sdk#1654.
    if (this.connections.size >= 10) {
      socket.on("error", () => {});
      socket.send(JSON.stringify({ type: "disconnect", reason: "too_many_websockets", debug_info: { host: "fake" } }));
      return socket.close();
    }
    this.opened += 1;
    const connection: Connection = { number: this.opened, socket, leaving: false };
    this.connections.add(connection);
    const ping = setInterval(() => socket.ping("Ping from applink-fake"), this.options.pingMs);
    // Whole messages come as one Buffer unless binaryType says otherwise.
    socket.on("message", (data) => this.receive(data as Buffer));
    // A client that breaks off mid-frame ends in "close" too.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(ping);
      this.connections.delete(connection);
      this.changed();
    });
    const hello = {
      type: "hello",
      num_connections: this.connections.size,
      debug_info: { host: "fake", build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: this.workspace.bot.appId },
    };
    socket.send(JSON.stringify(hello));
    this.changed();
  }

  private receive(data: Buffer): void {
    const message = parseJson(data.toString("utf8"));
    const id = typeof message === "object" && message !== null && "envelope_id" in message ? message.envelope_id : undefined;
    if (typeof id === "string") this.pressed.get(id)?.();
    const known = typeof id === "string" ? this.envelopes.get(id) : undefined;
    if (!known) return;
    known.delivery.acked = true;
    known.outgoing.state = "acked";
    this.changed();
  }

  private attempt(outgoing: Outgoing): void {
    if (outgoing.state !== "open") return;
    const sent = this.envelope(outgoing, outgoing);
    this.after(sent ? this.options.ackTimeoutMs : 0, () => {
      if (outgoing.state !== "open") return;
      const wait = this.options.retryDelaysMs[outgoing.attempt];
      if (wait === undefined) {
        outgoing.state = "given_up";
        this.changed();
        return;
      }
      outgoing.attempt += 1;
      this.after(wait, () => this.attempt(outgoing));
    });
  }

  /** `shown` is what the envelope says, `settles` what its acknowledgement settles. */
  private envelope(shown: Outgoing, settles: Outgoing): boolean {
    const ready = this.ready();
    const connection = ready[this.turn++ % Math.max(ready.length, 1)];
    if (!connection) return false;
    const { eventId, event, attempt } = shown;
    const delivery: Delivery = { envelopeId: randomUUID(), eventId, event, attempt, socket: connection.number, acked: false };
    this.deliveries.push(delivery);
    this.envelopes.set(delivery.envelopeId, { outgoing: settles, delivery });
    const envelope = {
      envelope_id: delivery.envelopeId,
      type: "events_api",
      payload: this.payload(shown),
      accepts_response_payload: false,
      retry_attempt: attempt,
      retry_reason: attempt > 0 ? "timeout" : "",
    };
    connection.socket.send(JSON.stringify(envelope));
    this.changed();
    return true;
  }

  private payload({ eventId, seconds, event }: Outgoing): Record<string, unknown> {
    const { team, bot } = this.workspace;
    return {
      token: "fake-verification-token",
      team_id: team.id,
      context_team_id: team.id,
      api_app_id: bot.appId,
      event,
      type: "event_callback",
      event_id: eventId,
      event_time: seconds,
      authorizations: [{ enterprise_id: null, team_id: team.id, user_id: bot.userId, is_bot: true, is_enterprise_install: false }],
      is_ext_shared_channel: false,
      event_context: `4-${eventId}`,
    };
  }

  private releaseLate(): void {
    const held = this.late;
    this.late = [];
    for (const outgoing of held) this.attempt(outgoing);
  }

  private ready(): Connection[] {
    return [...this.connections].filter(({ socket, leaving }) => !leaving && socket.readyState === socket.OPEN);
  }

  private after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, ms);
    this.timers.add(timer);
  }
}
