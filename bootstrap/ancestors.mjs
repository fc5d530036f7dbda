import { readFileSync } from "node:fs";

const POLL_MS = 500;

/** Watches the processes between this one and the npm that started it, npm included, and calls `gone` once when one of them is over:
 *  npm killed with -9 forwards nothing, and its children would live on. `stop()` ends the watch; `onGone` replaces what is called. */
export function watchAncestors({ gone, pollMs = POLL_MS, pid = process.pid }) {
  const watched = process.platform === "linux" ? upToNpm(pid) : [];
  const parent = process.ppid;
  const underNpm = process.env.npm_lifecycle_event !== undefined;
  let call = gone;
  const timer = setInterval(() => {
    // Where there is no /proc the parent alone is watched: an orphan gets another parent.
    const over =
      process.platform === "linux" ? watched.some((one) => startTime(one.pid) !== one.start) : underNpm && process.ppid !== parent;
    if (!over) return;
    clearInterval(timer);
    call();
  }, pollMs);
  timer.unref();
  return {
    watched,
    onGone: (next) => {
      call = next;
    },
    stop: () => clearInterval(timer),
  };
}

/** The ancestors of `pid` from its parent up to the nearest npm; none when no npm is found (whoever calls node by hand keeps the say). */
export function upToNpm(pid, { read = readProc } = {}) {
  const found = [];
  let at = read(pid)?.parent ?? 0;
  // npm, a shell or two, a task runner: more than that is not one of ours.
  while (at > 1 && found.length < 6) {
    const one = read(at);
    if (!one) break;
    found.push({ pid: at, start: one.start });
    if (isNpm(one.command)) return found;
    at = one.parent;
  }
  return [];
}

function isNpm(command) {
  // npm sets its title ("npm start"); before that, and for other package managers, the script's path tells.
  const words = command.split(/[\0 ]/).filter(Boolean).slice(0, 2);
  return words.some((word) => /^(npm|npx|pnpm|yarn)(-cli)?(\.c?js)?$/.test(word.slice(word.lastIndexOf("/") + 1)));
}

/** A pid alone may be somebody else's by now; with its start time it names one process for good. A zombie counts as over. */
export function startTime(pid) {
  return readProc(pid)?.start;
}

function readProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command's name in brackets and may itself hold spaces and brackets.
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return undefined;
    return { parent: Number(parent), start: rest[17], command: readFileSync(`/proc/${pid}/cmdline`, "utf8") };
  } catch {
    return undefined;
  }
}
