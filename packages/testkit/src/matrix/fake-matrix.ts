import { listen } from "../listen.ts";
import { createOutages } from "../faults.ts";
import { createWatch, type Waits } from "../watch.ts";
import {
  FaultQueue,
  nameOf,
  type CallFault,
  type CallPlan,
  type FaultyCall,
  type PlannedFault,
  type SyncFault,
  type SyncPlan,
} from "./faults.ts";
import { createPeople, roomBy, type People } from "./people.ts";
import { viewRoom, viewRooms, type RoomMessage } from "./room.ts";
import { createHttp, type LoggedCall } from "./serve.ts";
import { createHomeserver, isMember, type Bot, type MatrixEvent, type Pace } from "./state.ts";
import type { SyncOptions } from "./sync.ts";

export interface FakeMatrixOptions extends Partial<SyncOptions> {
  /** The homeserver's name, behind the colon of every id. */
  name?: string;
  now?: () => number;
  /** `m.upload.size` in bytes; Synapse's 50 MB unless told. */
  largestUpload?: number;
  /** See {@link FakeMatrix.pace}. */
  pace?: Pace;
}

export interface FakeMatrix extends People, Waits<RoomMessage> {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** What stands behind the colon of its ids. */
  name: string;
  bot: Bot;
  /** What a person sees, from the first message to the last. */
  room(id: string): RoomMessage[];
  /** What this person sees now in every room that they are in, the oldest first. */
  sees(user: string): RoomMessage[];
  /** All that was sent there. Its `origin_server_ts` is when an event appeared; what was taken back says so in `unsigned.redacted_because`. */
  events(id: string): MatrixEvent[];
  /** Who is shown to type there. */
  typing(id: string): string[];
  /** Told after every change of what people see, and more often; gives the way to stop. */
  onChange(listener: () => void): () => void;
  /** Long polls that are open now. */
  syncs(): number;
  failCalls(plan: CallPlan): PlannedFault;
  disturbSyncs(plan: SyncPlan): PlannedFault;
  /** From now on each user's events keep to this; undefined: as fast as they like, which is how it begins unless told. */
  pace(pace: Pace | undefined): void;
  /** Cuts what is open; who calls anew is answered. */
  dropSockets(): void;
  /** Until its end every connection breaks, those that are open too. */
  outage(): { end(): void };
  /** From now on every token is M_UNKNOWN_TOKEN. */
  revokeTokens(): void;
  changePassword(password: string): void;
  requests(): LoggedCall[];
  close(): Promise<void>;
}

/** A small homeserver on loopback that the unmodified SDK talks to: rooms that remember, the API that changes them, syncs that tell of it. */
export async function startFakeMatrix(options: FakeMatrixOptions = {}): Promise<FakeMatrix> {
  const { name = "fake.example", now = Date.now, largestTimeline = 100, largestUpload = 50 * 1024 * 1024, pace } = options;
  const { server, bot } = createHomeserver({ name, now, largestUpload, pace });
  const callFaults = new FaultQueue<CallFault, FaultyCall>();
  const syncFaults = new FaultQueue<SyncFault, { since?: string }>();
  const log: LoggedCall[] = [];
  const { looking, changed, waits } = createWatch(() => allRooms());
  const closing = new AbortController();
  const people = createPeople({ server, bot, changed });

  const { http, polls } = createHttp({
    server,
    largestTimeline,
    callFaults,
    syncFaults,
    log,
    looking,
    changed,
    closing: closing.signal,
  });
  const outages = createOutages(() => http.closeAllConnections());
  http.on("connection", (socket) => {
    if (outages.any()) socket.destroy();
  });
  const port = await listen(http);

  const allRooms = () => [...server.rooms.values()].flatMap((room) => viewRoom(server, room));

  return {
    url: `http://127.0.0.1:${port}`,
    name,
    bot,
    ...people,
    room: (id) => viewRoom(server, roomBy(server, id)),
    sees: (user) =>
      viewRooms(
        server,
        [...server.rooms.values()].filter((room) => isMember(room, user)),
      ),
    events: (id) => roomBy(server, id).timeline.map(({ event }) => event),
    typing: (id) => [...(server.typing.get(id) ?? [])].flatMap(([user, until]) => (until > server.now() ? [user] : [])),
    ...waits,
    onChange: (listener) => {
      const own = () => listener();
      looking.add(own);
      return () => void looking.delete(own);
    },
    syncs: polls,
    failCalls: ({ call, when, ...plan }) =>
      callFaults.plan({ ...plan, when: (faulty) => (!call || nameOf(faulty) === call) && (when?.(faulty) ?? true) }),
    disturbSyncs: (plan) => syncFaults.plan(plan),
    pace: (next) => {
      server.pace = next;
      server.paced.clear();
    },
    dropSockets: () => http.closeAllConnections(),
    outage: outages.begin,
    revokeTokens: () => {
      server.devices.clear();
      changed();
    },
    changePassword: (password) => {
      const user = server.users.get(bot.userId);
      if (user) user.password = password;
    },
    requests: () => [...log],
    close: async () => {
      closing.abort();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}
