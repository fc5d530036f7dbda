// Makes of a process one of the next release: `--import` it, and say what that release changed in BELLHOP_NEXT_RELEASE. Only sources are replaced as they are
// loaded, so everything else is what is shipped.
import { registerHooks } from "node:module";

/** `fields`: optional fields that this release does not know. `version`: besides, requests and run logs that it must not read. */
const changed = process.env["BELLHOP_NEXT_RELEASE"];

/** What the next release's sources say instead. */
const patches: { file: string; from: string; to: string }[] = [
  {
    file: "/packages/bus/src/payload.ts",
    from: "options.json ?? JSON.stringify(options.payload)",
    to: `JSON.stringify(ofNextRelease(options.subject, options.payload))`,
  },
  {
    file: "/packages/bus/src/payload.ts",
    from: "const encoder",
    to: `function ofNextRelease(subject, payload) {
      const later = { since: "the next release" };
      const log = subject.startsWith("run.changed.");
      if (!log && !subject.startsWith("action.requested.")) return payload;
      const written = { ...payload, later, v: ${changed === "version" ? 3 : "payload.v"} };
      if (!log || payload.state === undefined) return written;
      const { state } = payload;
      const tasks = Object.fromEntries(Object.entries(state.tasks).map(([name, task]) => [name, { ...task, later }]));
      return { ...written, state: { ...state, later, asker: { ...state.asker, later }, replyTo: { ...state.replyTo, later }, tasks } };
    }
    const encoder`,
  },
  ...(changed === "version"
    ? [
        { file: "/packages/contracts/src/wire.ts", from: "wireVersion = 2", to: "wireVersion = 3" },
        {
          file: "/packages/contracts/src/wire.ts",
          from: "schema.safeParse(raw)",
          to: "schema.safeParse(version === 3 ? { ...raw, v: 1 } : raw)",
        },
      ]
    : []),
];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const wanted = patches.filter(({ file }) => url.endsWith(file));
    if (wanted.length === 0) return loaded;
    let source = typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source ?? undefined);
    for (const { file, from, to } of wanted) {
      if (!source.includes(from)) throw new Error(`${file} says "${from}" no more`);
      source = source.replace(from, () => to);
    }
    return { ...loaded, source };
  },
});
