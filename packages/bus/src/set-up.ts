import { buckets, objectStores, streams, type BucketDeclaration, type DurationName, type StreamDeclaration } from "@bellhop/contracts";
import { errorCodes } from "./answers.ts";
import { api, apiOrThrow, nanoseconds, type Link } from "./link.ts";

type Config = Record<string, unknown> & { name: string };

/** Creates what is missing and brings what is there to what `contracts` say now. Safe to repeat, and by several at once. */
export async function setUp(link: Link): Promise<void> {
  const every = (name: DurationName) => nanoseconds(link.durations[name]);
  const configs: Config[] = [
    ...Object.values<StreamDeclaration>(streams).map((declaration) => streamConfig(declaration, every)),
    ...Object.values<BucketDeclaration<unknown>>(buckets).map((declaration) => bucketConfig(declaration, every)),
    ...Object.values(objectStores).map((name) => storeConfig(name, every)),
  ];
  await Promise.all(configs.map((config) => ensure(link, config)));
}

async function ensure(link: Link, config: Config): Promise<void> {
  const { name } = config;
  const info = await api<{ config: Config }>(link, { subject: `$JS.API.STREAM.INFO.${name}`, expected: [errorCodes.streamNotFound] });
  if (!("config" in info)) {
    const made = await api(link, { subject: `$JS.API.STREAM.CREATE.${name}`, body: config, expected: [errorCodes.streamNameInUse] });
    // Somebody made it in between, perhaps after an older declaration.
    if ("error" in made) await ensure(link, config);
    return;
  }
  const wanted = { ...info.config, ...config };
  if (JSON.stringify(wanted) === JSON.stringify(info.config)) return;
  await apiOrThrow(link, { subject: `$JS.API.STREAM.UPDATE.${name}`, body: wanted });
}

function streamConfig(declaration: StreamDeclaration, every: (name: DurationName) => number): Config {
  const work = declaration.retention === "work";
  return {
    name: declaration.name,
    subjects: [...declaration.subjects],
    retention: work ? "workqueue" : "limits",
    discard: work ? "new" : "old",
    storage: "file",
    max_age: declaration.maxAge === undefined ? 0 : every(declaration.maxAge),
    duplicate_window: every(declaration.duplicateWindow),
    allow_direct: true,
    ...(declaration.seenAs === undefined ? {} : { republish: { src: ">", dest: declaration.seenAs } }),
  };
}

function bucketConfig(declaration: BucketDeclaration<unknown>, every: (name: DurationName) => number): Config {
  return {
    name: `KV_${declaration.name}`,
    subjects: [`$KV.${declaration.name}.>`],
    retention: "limits",
    discard: "new",
    storage: "file",
    max_msgs_per_subject: 1,
    max_age: declaration.maxAge === undefined ? 0 : every(declaration.maxAge),
    duplicate_window: every("duplicateWindow"),
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: true,
  };
}

function storeConfig(name: string, every: (name: DurationName) => number): Config {
  return {
    name: `OBJ_${name}`,
    subjects: [`$O.${name}.C.>`, `$O.${name}.M.>`],
    retention: "limits",
    discard: "new",
    storage: "file",
    duplicate_window: every("duplicateWindow"),
    allow_rollup_hdrs: true,
    allow_direct: true,
  };
}
