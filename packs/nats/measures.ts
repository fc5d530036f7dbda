/** Bytes as people read them, e.g. `1.5 MB`. */
export function size(bytes: number): string {
  const step = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const count = bytes / 1024 ** step;
  return `${step === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)} ${units[step]}`;
}

/** A time span as people read it, e.g. `3 h`. */
export function span(ms: number): string {
  const [unit, length] = spans.find(([, one]) => ms >= one) ?? ["s", 1000];
  return `${Math.max(0, Math.floor(ms / length))} ${unit}`;
}

const units = ["B", "KB", "MB", "GB", "TB", "PB"] as const;

const spans = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;
