import { objectStores, problem, shardOfRun, type Body, type Message, type Send } from "@bellhop/contracts";
import { pageOf, readOn, renderProblem, type Readable } from "@bellhop/core";
import { bookmarkOf } from "./bookmarks.ts";
import type { Engine } from "../engine.ts";

/** The answer to `more`. */
export interface NextPage {
  body: Body;
  outcome: "ok" | "refused";
  /** The run whose answer it is a page of. */
  run?: string;
  /** Nobody but who asked may see it. */
  only?: string;
  more?: Send["more"];
}

/** @param named the run as it was named */
export async function nextPage(engine: Engine, message: Message, named: string | undefined): Promise<NextPage> {
  const { bus, knowledge } = engine;
  const bookmark = await bookmarkOf(bus, message);
  const logged = named === undefined ? undefined : await loggedRun(engine, named.toUpperCase());
  const policy = knowledge.policy();
  const reading = readOn({ policy, message, ...(named === undefined ? {} : { named }), bookmark, logged });
  if (reading.kind === "answer") return reading;
  const only = reading.only ? { only: message.author.id } : {};
  const bytes = await bus.objects(objectStores.values).get(reading.more.object);
  if (bytes === undefined) return { body: renderProblem(problem("page_gone", {})), outcome: "refused", ...only };
  const run = reading.run === undefined ? {} : { run: reading.run };
  const { body, more } = pageOf({ text: new TextDecoder().decode(bytes), more: reading.more, ...run });
  // Later than what it goes on with, whatever this machine's clock says.
  const at = new Date(Math.max(Date.now(), Date.parse(bookmark?.more.at ?? reading.more.at) + 1)).toISOString();
  return { body, outcome: "ok", ...run, ...only, more: { ...more, reader: message.author.id, at } };
}

/** A run and its reply, as the last record of its log has them. Its shard may be another engine's: nothing is decided on it here. */
async function loggedRun({ bus }: Engine, run: string): Promise<Readable["logged"]> {
  if (shardOfRun(run) === undefined) return undefined;
  const record = (await bus.log.last(run))?.record;
  if (record?.state === undefined) return undefined;
  const { state, commands } = record;
  for (const command of commands) {
    if (command.kind === "send" && command.send.final && command.send.answers === state.answers) return { run: state, reply: command.send };
  }
  return { run: state };
}
