import type { Durations } from "@bellhop/contracts";
import manifest from "../package.json" with { type: "json" };
import type { CommonConfig } from "./config.ts";
import { listen, type Answers } from "./http.ts";
import type { Log } from "./log.ts";
import { openMeters, type Meters } from "./meters.ts";
import { watchProcess } from "./process-figures.ts";
import { figure, type Figure } from "./metrics.ts";
import { noTelemetry, type Check, type Observatory, type Telemetry } from "./telemetry.ts";
import type { Spans } from "./tracing.ts";

/** What one part gives to see. */
interface Open {
  part: string;
  checks: Map<string, () => Check>;
  sources: Set<Source>;
}

/** A `read` of {@link Telemetry.figures}: asked once at a time, whoever wants to know. */
interface Source {
  read: () => readonly Figure[] | Promise<readonly Figure[]>;
  asking: Promise<readonly Figure[]> | undefined;
}

/** Answers that are late are left out of what is shown: a scraper gives up after ten seconds by default. */
const patienceMs = 2_000;

export async function createObservatory(at: { config: CommonConfig; name: string; log: Log }): Promise<Observatory> {
  const { config, name, log } = at;
  const parts = new Map<string, Open>();
  const spans = config.otlp === undefined ? undefined : await openSpans({ name, endpoint: config.otlp, log });
  const eye = config.http === undefined ? undefined : await openEye({ parts, http: config.http, durations: config.durations, log });

  return {
    url: eye?.url,
    open(part) {
      const open: Open = { part, checks: new Map(), sources: new Set() };
      parts.set(part, open);
      return {
        ...telemetryOf(open, { meters: eye?.meters, spans }),
        close(left) {
          open.checks.clear();
          open.checks.set("state", () => left);
          open.sources.clear();
        },
      };
    },
    async close() {
      await Promise.all([eye?.close(), spans?.close()]);
    },
  };
}

function telemetryOf({ part, checks, sources }: Open, { meters, spans }: { meters?: Meters; spans?: Spans }): Telemetry {
  return {
    ...noTelemetry,
    ...(meters && { count: meters.count, observe: meters.observe }),
    ...(spans && { span: (ref, attributes, work) => spans.span(ref, { ...attributes, "bellhop.part": part }, work) }),
    check: (name, look) => void checks.set(name, look),
    figures(read) {
      sources.add({ read, asking: undefined });
    },
  };
}

async function openSpans(at: { name: string; endpoint: string; log: Log }): Promise<Spans> {
  const { createSpans } = await import("./tracing.ts");
  return createSpans(at);
}

/** What is seen from outside, over HTTP. */
async function openEye(at: {
  parts: ReadonlyMap<string, Open>;
  http: NonNullable<CommonConfig["http"]>;
  durations: Durations;
  log: Log;
}): Promise<{ url: string; meters: Meters; close(): Promise<void> }> {
  const { parts, http, durations, log } = at;
  const meters = openMeters();
  const ownFigures = watchProcess();
  let last: { text: Promise<string>; at: number } | undefined;

  const text = async () => {
    const own = [...parts.values()].flatMap((open) => [
      figure("bellhop_info", { part: open.part, version: manifest.version, node: process.versions.node }, 1),
      figure("bellhop_ready", { part: open.part }, checksOf(open).every(({ ok }) => ok) ? 1 : 0),
    ]);
    const asked = await Promise.all([...parts.values()].flatMap(({ sources }) => [...sources]).map((source) => ask(source, log)));
    return await meters.text([...own, ...ownFigures.read(), ...asked.flat()]);
  };
  const answers: Answers = {
    ready() {
      const checks = [...parts.values()].flatMap((open) => checksOf(open));
      return { ready: checks.length > 0 && checks.every(({ ok }) => ok), checks };
    },
    metrics() {
      if (last === undefined || performance.now() - last.at >= durations.figuresEvery) last = { text: text(), at: performance.now() };
      return last.text;
    },
    metricsType: meters.contentType,
  };
  const server = await listen(http, answers);
  log.info({ url: server.url }, "health and metrics are served");
  return {
    url: server.url,
    meters,
    async close() {
      ownFigures.stop();
      await server.close();
    },
  };
}

interface NamedCheck extends Check {
  name: string;
}

function checksOf({ part, checks }: Open): NamedCheck[] {
  return [...checks].map(([name, look]) => ({ name: `${part}.${name}`, ...look() }));
}

/** What is not there in time is asked for no second time: its answer goes to whoever asks next. */
async function ask(source: Source, log: Log): Promise<readonly Figure[]> {
  source.asking ??= Promise.resolve()
    .then(source.read)
    .catch((error: unknown) => {
      log.debug({ why: String(error) }, "some figures can't be had");
      return [];
    })
    .finally(() => (source.asking = undefined));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Figure[]>((resolve) => (timer = setTimeout(resolve, patienceMs, [])));
  return await Promise.race([source.asking, late]).finally(() => clearTimeout(timer));
}
