/** A length of time by its two largest units: `3 days 4 h`, `5 min 12 s`.
 *  @param seconds whole ones */
export function lengthOf(seconds: number): string {
  const units = [
    [Math.floor(seconds / 86_400), seconds >= 2 * 86_400 ? "days" : "day"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** Bytes as people read them: `812 B`, `1.4 GiB`. */
export function sizeOf(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), sizes.length - 1);
  const amount = bytes / 1024 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${sizes[power]}`;
}

const sizes = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
