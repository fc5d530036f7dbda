import { hash, masked, type Body, type Outcome, type Run } from "@bellhop/contracts";

/** What the words of an alias see: StackStorm's names, `result` for short, and who asked. */
export function replyNames(at: { run: Run; outcome?: Outcome; output?: unknown }): Record<string, unknown> {
  const { run, outcome, output } = at;
  const result = outcome === undefined ? {} : { result: masked(output) ?? null };
  const [pack, name] = parts(run.action);
  return {
    ...result,
    asker: { name: askerName(run), mention: mentionOf(run) },
    // StackStorm calls it so in acknowledgements, and so in results.
    ...(run.alias === undefined ? {} : { actionalias: aliasOf(run.alias), alias: aliasOf(run.alias) }),
    execution: {
      id: run.id,
      status: outcome?.status ?? run.status,
      ...result,
      action: { ref: run.action, pack, name },
      parameters: masked((run.workflow?.task ?? run.tasks["main"])?.input ?? {}),
      start_timestamp: run.askedAt,
      ...(run.reply.page === undefined ? {} : { web_url: run.reply.page }),
      ...(run.endedAt === undefined ? {} : { end_timestamp: run.endedAt }),
      ...(outcome?.ms === undefined ? {} : { elapsed_seconds: outcome.ms / 1000 }),
      context: { user: askerName(run) },
    },
  };
}

/** The body with whom its text mentions. Nothing but `{{ asker.mention }}` in the words of an alias mentions anybody, whatever an output says: an action
 *  that knows its run could word the token. */
export function withMentions(body: Body, run: Run, format = ""): Body {
  const token = mentionOf(run);
  if (run.asker.platform === "terminal" || !format.includes("mention") || !body.text.includes(token)) return body;
  return { ...body, mentions: [{ token, person: run.asker.id }] };
}

/** The same words for where nobody can be mentioned. */
export function withoutMentions(text: string, run: Run): string {
  return text.replaceAll(mentionOf(run), () => askerName(run));
}

/** Stands for who asked, in a text that others had a part in: they can't know it before. */
function mentionOf(run: Run): string {
  return run.asker.platform === "terminal" ? askerName(run) : `@${hash(`${run.id}/mention`).slice(0, 20)}`;
}

function aliasOf(ref: string) {
  const [pack, name] = parts(ref);
  return { ref, pack, name };
}

function askerName({ asker }: Run): string {
  return asker.name ?? asker.id;
}

function parts(ref: string): [pack: string, name: string] {
  const dot = ref.indexOf(".");
  return [ref.slice(0, dot), ref.slice(dot + 1)];
}
