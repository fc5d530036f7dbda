/** What identifies an alert, as a monitor labels it. */
export type Labels = Readonly<Record<string, string>>;

/** One alert of a post of Alertmanager's, in the fields that it has. */
export interface Alert {
  readonly status: "firing" | "resolved";
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

/** The name of an alert that begins and ends: an alert with the same labels that fires anew later is another. */
export interface Incident {
  readonly fingerprint: string;
  readonly since: string;
}

/** The name that is kept of an incident that is over. */
export function resolvedName({ fingerprint, since }: Incident): string {
  return `resolved/${fingerprint}/${since}`;
}

/** Prometheus's own: FNV-1a of 64 bits over names and values, sorted by name, each with the byte 255 behind it. */
export function fingerprintOf(labels: Labels): string {
  const texts = Object.keys(labels)
    .toSorted()
    .flatMap((name) => [name, labels[name]]);
  const bytes = texts.flatMap((text) => [...new TextEncoder().encode(text), 255]);
  const hash = bytes.reduce((sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n), 0xcbf29ce484222325n);
  return hash.toString(16).padStart(16, "0");
}

/** A post of Alertmanager's, version 4, of the alerts of one group. */
export function postOf(alerts: readonly Alert[]): object {
  const [first] = alerts;
  const status = alerts.some((alert) => alert.status === "firing") ? "firing" : "resolved";
  const { alertname = "" } = first?.labels ?? {};
  return {
    version: "4",
    groupKey: `{}:{alertname="${alertname}"}`,
    truncatedAlerts: 0,
    status,
    receiver: "bellhop",
    groupLabels: { alertname },
    commonLabels: alerts.length === 1 ? first?.labels : { alertname },
    commonAnnotations: alerts.length === 1 ? first?.annotations : {},
    externalURL: "http://simulated.invalid",
    alerts,
  };
}
