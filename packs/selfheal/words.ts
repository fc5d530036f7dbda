import { ActionFailed } from "@bellhop/sdk";

/** 3.4 MB, in powers of ten, as monitors count. */
export function inBytes(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const amount = bytes / 1000 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1).replace(/\.0$/, "")} ${units[power]}`;
}

const units = ["B", "kB", "MB", "GB", "TB", "PB"];

/** 1 file, 2 files */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** `2026-03-01 14:00 UTC` */
export function moment(iso: string): string {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}

/** Milliseconds of `30m`, `2h`, `2 hours`, `7d`. @throws ActionFailed */
export function lengthOf(text: string): number {
  const [, amount, unit = ""] = /^\s*([1-9]\d{0,4})\s*([mhd])(?:in|inutes?|ours?|ays?)?\s*$/i.exec(text) ?? [];
  const ms = Number(amount) * (lengths.get(unit.toLowerCase()) ?? Number.NaN);
  if (Number.isNaN(ms) || ms > mostDays * 86_400_000)
    throw new ActionFailed(`"${text}" is no length of time.`, { hint: `Say 30m, 2h or 7d; ${mostDays} days at most.` });
  return ms;
}

const mostDays = 30;

const lengths = new Map([
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);
