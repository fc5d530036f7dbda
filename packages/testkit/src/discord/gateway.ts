import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { fieldsOf, isFields } from "@bellhop/contracts";
import { WebSocketServer, type WebSocket } from "ws";
import { intents, type DiscordEvent } from "./events.ts";
import type { EventFault } from "./faults.ts";
import { guildShape, userShape, type Shape } from "./shapes.ts";
import type { World } from "./state.ts";

export interface GatewayOptions {
  /** Discord: 41.25 s. A client that sends none for two of them is cut off. */
  heartbeatMs: number;
  /** Dispatches before the one a client asks for that a RESUME gives once more. */
  resumeOverlap: number;
  /** Privileged intents that are switched on in the developer portal. */
  privileged: { messageContent: boolean; members: boolean; presences: boolean };
}

/** One dispatch of a session, whether or not a socket was there to carry it. */
export interface Dispatch {
  session: string;
  s: number;
  t: string;
  d: Shape;
  /** How often it was written to a socket. */
  sent: number;
}

interface Session {
  id: string;
  intents: number;
  dispatches: Dispatch[];
  connection?: Connection;
}

interface Connection {
  socket: WebSocket;
  session?: Session;
  beats: NodeJS.Timeout;
  heard: number;
}

/** Discord's side of the gateway (…/docs/events/gateway): JSON, no compression, one shard. Not verified: which close code ends a session for good
 *  besides 1000 and 1001 from the client (here none), and for how long a session may be resumed (here until it is forgotten). Not modelled: the
 *  120 events a minute, presence, voice, requests for members. */
export class Gateway {
  readonly dispatches: Dispatch[] = [];
  private readonly server = new WebSocketServer({ noServer: true });
  private readonly connections = new Set<Connection>();
  private readonly sessions = new Map<string, Session>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private late: DiscordEvent[] = [];
  private readonly world: World;
  private readonly options: GatewayOptions;
  private readonly revoked: () => boolean;
  private readonly changed: () => void;
  private port = 0;
  identifies = 0;
  resumes = 0;

  constructor({
    world,
    options,
    revoked,
    changed,
  }: {
    world: World;
    options: GatewayOptions;
    revoked: () => boolean;
    changed: () => void;
  }) {
    this.world = world;
    this.options = options;
    this.revoked = revoked;
    this.changed = changed;
  }

  url(port: number): string {
    this.port = port;
    return `ws://127.0.0.1:${port}/gateway`;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? "/", "ws://127.0.0.1");
    if (!url.pathname.startsWith("/gateway")) {
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    this.server.handleUpgrade(request, socket, head, (accepted) => this.welcome(accepted, url.searchParams));
  }

  /** Connections with a session. */
  sockets(): number {
    return [...this.connections].filter(({ session }) => session !== undefined).length;
  }

  /** Sends an event on its way, through the fault it meets. */
  send(event: DiscordEvent, fault: EventFault | undefined): void {
    if (fault?.kind === "lost") return;
    if (fault?.kind === "late") {
      this.late.push(event);
      this.after(fault.ms ?? 200, () => this.releaseLate());
      return;
    }
    this.dispatch(event);
    if (fault?.kind === "twice") this.dispatch(event);
    this.releaseLate();
  }

  /** Cuts every connection without a close frame. The sessions stay. */
  drop(): void {
    for (const { socket } of this.connections) socket.terminate();
  }

  /** Op 7: "You must reconnect with the given session ID". */
  requestReconnect(): void {
    for (const connection of this.connections) this.write(connection, { op: 7, d: null });
  }

  /** Op 9: every session is over, also those that nobody is connected to: they can't be resumed. */
  invalidate(): void {
    this.sessions.clear();
    for (const connection of this.connections) this.write(connection, { op: 9, d: false });
  }

  /** Closes every connection with this code. */
  closeWith(code: number, reason: string): void {
    for (const { socket } of this.connections) socket.close(code, reason);
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.drop();
    this.server.close();
  }

  private welcome(socket: WebSocket, query: URLSearchParams): void {
    // A client that breaks off mid-frame ends in "close" too.
    socket.on("error", () => {});
    if (query.get("v") !== "10") return socket.close(4012, "Invalid API version.");
    if ((query.get("encoding") ?? "json") !== "json" || query.has("compress")) return socket.close(4002, "The fake speaks plain JSON.");
    const connection: Connection = { socket, heard: performance.now(), beats: this.listenToHeart(() => connection) };
    this.connections.add(connection);
    // Whole messages come as one Buffer unless binaryType says otherwise.
    socket.on("message", (data) => this.receive(connection, (data as Buffer).toString("utf8")));
    socket.on("close", (code) => {
      clearInterval(connection.beats);
      this.connections.delete(connection);
      if (connection.session?.connection === connection) connection.session.connection = undefined;
      // "… closing the connection with a 1000 or 1001 close code will invalidate your session" (…#initiating-a-disconnect).
      if (code === 1000 || code === 1001) this.forget(connection.session);
      this.changed();
    });
    this.write(connection, { op: 10, d: { heartbeat_interval: this.options.heartbeatMs, _trace: ["fake"] } });
  }

  private listenToHeart(of: () => Connection): NodeJS.Timeout {
    return setInterval(() => {
      const { heard, socket } = of();
      if (performance.now() - heard > 2 * this.options.heartbeatMs) socket.close(4009, "Session timed out.");
    }, this.options.heartbeatMs);
  }

  private receive(connection: Connection, text: string): void {
    const { socket, session } = connection;
    const payload = parsed(text);
    if (payload === undefined) return socket.close(4002, "Error while decoding payload.");
    const { op, d } = payload;
    switch (op) {
      case 1:
        connection.heard = performance.now();
        return this.write(connection, { op: 11 });
      case 2:
        return session ? socket.close(4005, "Already authenticated.") : this.identify(connection, fieldsOf(d));
      case 6:
        return session ? socket.close(4005, "Already authenticated.") : this.resume(connection, fieldsOf(d));
      case 3:
      case 4:
      case 8:
        return session ? undefined : socket.close(4003, "Not authenticated.");
      default:
        return socket.close(4001, "Unknown opcode.");
    }
  }

  private identify(connection: Connection, { token, intents: wanted, properties, shard }: Shape): void {
    const { socket } = connection;
    this.identifies += 1;
    if (!this.isToken(token)) return socket.close(4004, "Authentication failed.");
    if (Array.isArray(shard) && (shard[0] !== 0 || shard[1] !== 1)) return socket.close(4010, "Invalid shard.");
    if (typeof wanted !== "number" || !isFields(properties)) return socket.close(4013, "Invalid intent(s).");
    if ((wanted & this.disallowed()) !== 0) return socket.close(4014, "Disallowed intent(s).");
    const session: Session = { id: randomUUID().replaceAll("-", ""), intents: wanted, dispatches: [], connection };
    connection.session = session;
    this.sessions.set(session.id, session);
    const { bot, guild, users } = this.world;
    const self = users.get(bot.userId);
    this.tell(session, "READY", {
      v: 10,
      user: { ...(self && userShape(self)), verified: true, mfa_enabled: false, flags: 0 },
      user_settings: {},
      guilds: [{ id: guild.id, unavailable: true }],
      private_channels: [],
      relationships: [],
      session_id: session.id,
      session_type: "normal",
      resume_gateway_url: this.url(this.port),
      shard: [0, 1],
      application: { id: bot.applicationId, flags: 0 },
    });
    if ((wanted & intents.guilds) !== 0) this.tell(session, "GUILD_CREATE", guildShape(this.world));
    this.changed();
  }

  private resume(connection: Connection, { token, session_id: id, seq }: Shape): void {
    const { socket } = connection;
    this.resumes += 1;
    if (!this.isToken(token)) return socket.close(4004, "Authentication failed.");
    const session = typeof id === "string" ? this.sessions.get(id) : undefined;
    if (!session) return this.write(connection, { op: 9, d: false });
    if (typeof seq !== "number" || seq > session.dispatches.length) return socket.close(4007, "Invalid seq.");
    // The old connection may not have noticed that it is dead.
    session.connection?.socket.terminate();
    session.connection = connection;
    connection.session = session;
    for (const missed of session.dispatches.filter(({ s }) => s > seq - this.options.resumeOverlap)) this.carry(session, missed);
    this.tell(session, "RESUMED", { _trace: ["fake"] });
    this.changed();
  }

  private dispatch(event: DiscordEvent): void {
    for (const session of this.sessions.values()) {
      if ((session.intents & event.intent) === 0) continue;
      const seeing = (session.intents & intents.messageContent) !== 0;
      this.tell(session, event.t, seeing ? event.d : (event.blind ?? event.d));
    }
    this.changed();
  }

  private tell(session: Session, t: string, d: Shape): void {
    const dispatch: Dispatch = { session: session.id, s: session.dispatches.length + 1, t, d, sent: 0 };
    session.dispatches.push(dispatch);
    this.dispatches.push(dispatch);
    this.carry(session, dispatch);
  }

  private carry({ connection }: Session, dispatch: Dispatch): void {
    if (connection?.socket.readyState !== connection?.socket.OPEN || connection === undefined) return;
    dispatch.sent += 1;
    this.write(connection, { op: 0, s: dispatch.s, t: dispatch.t, d: dispatch.d });
  }

  private write({ socket }: Connection, payload: Shape): void {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(payload));
  }

  private releaseLate(): void {
    const held = this.late;
    this.late = [];
    for (const event of held) this.dispatch(event);
  }

  private forget(session: Session | undefined): void {
    if (session) this.sessions.delete(session.id);
  }

  private isToken(token: unknown): boolean {
    return token === this.world.bot.token && !this.revoked();
  }

  private disallowed(): number {
    const { messageContent, members, presences } = this.options.privileged;
    return (messageContent ? 0 : intents.messageContent) | (members ? 0 : intents.guildMembers) | (presences ? 0 : intents.guildPresences);
  }

  private after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, ms);
    this.timers.add(timer);
  }
}

function parsed(text: string): Shape | undefined {
  try {
    const payload: unknown = JSON.parse(text);
    return isFields(payload) ? payload : undefined;
  } catch {
    return undefined;
  }
}
