/** The fields of a cron timer, as APScheduler names them. */
type CronFields = Readonly<Record<string, string>>;

type CrontabRead = { kind: "ok"; fields: CronFields } | { kind: "fault"; why: string };

/** Reads the five fields of a crontab: minute, hour, day of the month, month, day of the week. Sunday is 0 and 7 there, and Monday 0 in a cron timer: days of
 *  the week are handed on by their names. The fields' own values are checked by whoever reads the timer. */
export function readCrontab(text: string): CrontabRead {
  const given = text.trim().toLowerCase().split(/\s+/);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = given;
  if (given.length !== 5) return { kind: "fault", why: "cron has five fields: minute, hour, day of the month, month and day of the week" };
  // Cron itself takes either of the two, which is seldom what is meant.
  if (!isAny(day) && !isAny(weekday))
    return { kind: "fault", why: "it names a day of the month and a day of the week: leave one of them *" };
  const days = isAny(weekday) ? "*" : weekdays(weekday);
  if (days === undefined) return { kind: "fault", why: `"${weekday}" names no days of the week: 0 to 7, or mon to sun` };
  return { kind: "ok", fields: { minute, hour, day: isAny(day) ? "*" : day, month, day_of_week: days } };
}

function isAny(field: string): boolean {
  return field === "*" || field === "?";
}

const names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

function weekdays(field: string): string | undefined {
  const found = new Set<string>();
  for (const part of field.split(",")) {
    const [read, from, to, stride = "1"] = /^(?:\*|([a-z]{3}|[0-7])(?:-([a-z]{3}|[0-7]))?)(?:\/([1-7]))?$/.exec(part) ?? [];
    if (read === undefined) return undefined;
    const first = from === undefined ? 0 : numberOf(from);
    const last = from === undefined ? 6 : to === undefined ? (part.includes("/") ? 6 : first) : numberOf(to, first);
    if (first === undefined || last === undefined || first > last) return undefined;
    for (let day = first; day <= last; day += Number(stride)) found.add(names[day] ?? "");
  }
  return [...found].join(",");
}

/** @param after a range's beginning: Sunday stands at its end then */
function numberOf(text: string, after = 0): number | undefined {
  if (/^\d$/.test(text)) return Number(text);
  const number = names.findIndex((name) => name === text);
  if (number < 0) return undefined;
  return number < after ? (names.indexOf("sun", 1) === number + 7 ? 7 : undefined) : number;
}
