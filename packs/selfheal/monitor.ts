import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ActionFailed } from "@bellhop/sdk";
import { fingerprintOf, postOf, type Alert } from "./alertmanager.ts";
import type { Config, Target } from "./targets.ts";

/** What Prometheus and Alertmanager would be for a simulated disk: it knows what fires, and sends the real webhook. */
export interface Monitor {
  /** The disk is over the threshold. While it is, whoever says so again sends the same alert again. */
  fires(percent: number): Promise<Alert>;
  /** The disk is below it. Gives what had fired. */
  resolves(): Promise<Alert | undefined>;
}

export function monitorOf(target: Target, at: { config: Config; signal: AbortSignal; now: Date }): Monitor {
  const { config, signal, now } = at;
  const file = join(target.path, ".alert.json");
  const send = async (alert: Alert) => await post(postOf([alert]), { config, signal });
  return {
    async fires(percent) {
      const alert = { ...((await read(file)) ?? begun(target, now)), annotations: { summary: `${target.name} is ${percent} % full` } };
      await mkdir(target.path, { recursive: true });
      await writeFile(file, JSON.stringify(alert));
      await send(alert);
      return alert;
    },
    async resolves() {
      const alert = await read(file);
      if (alert === undefined) return undefined;
      const over: Alert = { ...alert, status: "resolved", endsAt: now.toISOString() };
      await send(over);
      await rm(file, { force: true });
      return over;
    },
  };
}

function begun({ name }: Target, now: Date): Alert {
  const labels = { alertname: "DiskFull", instance: name, severity: "critical" };
  const never = "0001-01-01T00:00:00Z";
  const times = { startsAt: now.toISOString(), endsAt: never };
  return { status: "firing", labels, annotations: {}, ...times, generatorURL: "", fingerprint: fingerprintOf(labels) };
}

async function read(file: string): Promise<Alert | undefined> {
  try {
    // Nobody else writes it.
    return JSON.parse(await readFile(file, "utf8")) as Alert;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** As Alertmanager sends it, with our API key. */
async function post(body: object, { config, signal }: { config: Config; signal: AbortSignal }): Promise<void> {
  const { webhook, webhook_key: key } = config;
  if (key === undefined)
    throw new ActionFailed("There is no API key that simulated alerts could be sent with.", {
      hint: "Make one, `bellhop api-key create selfheal --scope webhooks:alertmanager`, and set it: `bellhop pack config set selfheal webhook_key`.",
    });
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  let answer: Response;
  try {
    answer = await fetch(webhook, { method: "POST", headers, body: JSON.stringify(body), signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ActionFailed(`${webhook} can't be reached.`, {
      hint: "Is `api.listen` set in bellhop.yaml? It is off until it is.",
      cause: error,
    });
  }
  if (!answer.ok) throw new ActionFailed(`${webhook} said ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
}
