import { buckets, objectStores, streams } from "@bellhop/contracts";

/** One user of the embedded server per role; a process uses the user of what it does. */
export const roles = ["operator", "engine", "runner", "gateway", "api", "cli"] as const;
export type Role = (typeof roles)[number];

type StreamName = keyof typeof streams;
type BucketName = keyof typeof buckets;
type StoreName = keyof typeof objectStores;

/** What a role may do, in the words of `contracts`. */
interface Grant {
  /** Streams it takes work from: reads and acknowledges. */
  consumes?: readonly StreamName[];
  /** Streams it reads and leaves as they are. */
  reads?: readonly StreamName[];
  /** Subjects it publishes to. */
  publishes: readonly string[];
  /** Streams it may take single messages out of, by their sequence. */
  clears?: readonly StreamName[];
  /** Streams of which it may ask whether they are there. */
  looksFor?: readonly string[];
  /** Core subjects it hears. */
  hears?: readonly string[];
  buckets: { reads?: readonly BucketName[]; writes?: readonly BucketName[] };
  objects: { reads?: readonly StoreName[]; writes?: readonly StoreName[] };
}

export interface Permissions {
  publish: { allow: string[] };
  subscribe: { allow: string[] };
}

const { message, send, trigger, asked, action, finished, run, output, dead } = streams;
const everyBucket = Object.keys(buckets) as BucketName[];

/** The table. The operator, which makes streams and buckets, may do everything in this account and is not in it.
 *  It separates roles that keep to the rules or whose pack code got hold of their credentials; a role that may create consumers on a stream can
 *  still have that stream delivered to any subject, which the server does not check. */
export const grants: Readonly<Record<Exclude<Role, "operator">, Grant>> = {
  engine: {
    consumes: ["message", "trigger", "asked", "finished"],
    // Whoever looks after the objects has to see all that may refer to one.
    reads: ["run", "output", "action", "send", "dead"],
    // It answers for attempts that nobody claimed, and says what people scheduled when it is due.
    publishes: [
      "message.received.>",
      ...send.subjects,
      ...trigger.subjects,
      ...asked.subjects,
      ...action.subjects,
      ...finished.subjects,
      ...run.subjects,
      ...dead.subjects,
      "control.>",
    ],
    hears: ["control.>", "seen.>", "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>"],
    buckets: { reads: everyBucket, writes: everyBucket },
    objects: { reads: ["packs", "values"], writes: ["packs", "values"] },
  },
  runner: {
    consumes: ["action"],
    // Its sensors fire triggers.
    publishes: [...finished.subjects, ...output.subjects, ...trigger.subjects, ...dead.subjects],
    hears: ["control.>"],
    buckets: {
      reads: ["member", "holding", "attempt", "catalog", "config", "happened", "sensor", "sensorStatus", "kv"],
      writes: ["member", "holding", "attempt", "happened", "sensorStatus", "kv"],
    },
    objects: { reads: ["packs", "values"], writes: ["values"] },
  },
  gateway: {
    consumes: ["send"],
    publishes: [...message.subjects, ...dead.subjects],
    buckets: { reads: ["member", "holding", "receipt", "mark", "press", "question"], writes: ["member", "holding", "receipt", "mark"] },
    objects: { reads: ["values"], writes: ["values"] },
  },
  api: {
    publishes: [...trigger.subjects, ...dead.subjects],
    buckets: { reads: ["catalog", "rule", "apiKey", "happened"], writes: ["happened"] },
    objects: { reads: ["packs"], writes: ["values"] },
  },
  // The terminal is a platform, and the person at it looks after the installation: it sends and receives for its own account, activates packs,
  // and may look at everything. Dead letters go back to where they came from; a request goes as an ask. Who is at the terminal is an owner, so that what
  // others say can be said by them as well.
  cli: {
    consumes: ["send"],
    reads: ["run", "output", "dead"],
    clears: ["dead"],
    // Stands while an installation is being restored: `up` waits for its end.
    looksFor: ["RESTORING"],
    publishes: [
      ...message.subjects,
      ...send.subjects,
      ...trigger.subjects,
      ...asked.subjects,
      ...finished.subjects,
      ...dead.subjects,
      "control.>",
    ],
    hears: ["seen.>", "run.output.>", "run.changed.>", "control.>"],
    buckets: {
      reads: everyBucket,
      writes: [
        "member",
        "holding",
        "receipt",
        "catalog",
        "version",
        "config",
        "claim",
        "apiKey",
        "happened",
        "rule",
        "sensor",
        "kv",
        "schedule",
      ],
    },
    objects: { reads: ["packs", "values"], writes: ["packs", "values"] },
  },
};

/** Where a role's answers come in. Its own prefix, so that no role reads what another asked for. */
export function inboxPrefix(role: Role): string {
  return `_INBOX_${role}`;
}

/** The table in the server's words. */
export function permissionsOf(role: Role): Permissions {
  if (role === "operator") return { publish: { allow: [">"] }, subscribe: { allow: [">"] } };
  const { consumes = [], reads = [], clears = [], looksFor = [], publishes, hears = [], buckets: kv, objects } = grants[role];
  const readable = [
    ...[...consumes, ...reads].map((name) => streams[name].name),
    ...union(kv.reads, kv.writes).map((name) => `KV_${buckets[name].name}`),
    ...union(objects.reads, objects.writes).map((name) => `OBJ_${objectStores[name]}`),
  ];
  const publish = [
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    ...publishes,
    ...readable.flatMap(readApi),
    ...consumes.map((name) => `$JS.ACK.${streams[name].name}.>`),
    ...looksFor.map((stream) => `$JS.API.STREAM.INFO.${stream}`),
    ...clears.map((name) => `$JS.API.STREAM.MSG.DELETE.${streams[name].name}`),
    // Clearing away what deleted keys and replaced objects leave behind is part of writing them.
    ...(kv.writes ?? []).flatMap((name) => [`$KV.${buckets[name].name}.>`, `$JS.API.STREAM.PURGE.KV_${buckets[name].name}`]),
    ...(objects.writes ?? []).flatMap((name) => [`$O.${objectStores[name]}.>`, `$JS.API.STREAM.PURGE.OBJ_${objectStores[name]}`]),
  ];
  return { publish: { allow: publish }, subscribe: { allow: [`${inboxPrefix(role)}.>`, ...hears] } };
}

/** What goes through a leaf node to the JetStream of a hub, which is another domain: the subject without the domain, and with it. */
export function domainMappings(domain: string): readonly (readonly [from: string, to: string])[] {
  return [
    ["$JS.API.", `$JS.${domain}.API.`],
    ["$KV.", `$JS.${domain}.API.$KV.`],
  ];
}

/** The same rights at a leaf node, which checks them after it has named the domain. */
export function throughDomain({ publish, subscribe }: Permissions, domain: string): Permissions {
  const named = (subject: string) => {
    const [from, to] = domainMappings(domain).find(([prefix]) => subject.startsWith(prefix)) ?? ["", ""];
    return to + subject.slice(from.length);
  };
  return { publish: { allow: publish.allow.map(named) }, subscribe };
}

function readApi(stream: string): string[] {
  return [
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.STREAM.MSG.GET.${stream}`,
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.DIRECT.GET.${stream}.>`,
    `$JS.API.CONSUMER.*.${stream}`,
    `$JS.API.CONSUMER.*.${stream}.>`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.>`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.>`,
    // Readers in the client are push consumers with flow control, which is answered here.
    `$JS.FC.${stream}.>`,
  ];
}

function union<Name>(a: readonly Name[] = [], b: readonly Name[] = []): Name[] {
  return [...new Set([...a, ...b])];
}
