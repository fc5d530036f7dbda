const REDRAW_MS = 200;
const PLAIN_EVERY_MS = 10_000;

/** One slow step, told on standard error: on a terminal one line that counts the seconds, elsewhere plain lines now and then. */
export function startProgress({ text, stream = process.stderr, now = Date.now }) {
  const began = now();
  const live = Boolean(stream.isTTY);
  let detail = "";
  const seconds = () => `${Math.round((now() - began) / 1000)} s`;
  const clear = () => live && stream.write("\r\x1b[K");
  const draw = () => {
    if (!live) return stream.write(`bellhop: ${text}: ${seconds()} so far\n`);
    const room = Math.max(20, (stream.columns ?? 80) - 1);
    stream.write(`\r\x1b[K${`bellhop: ${text} (${seconds()})${detail && ` ${detail}`}`.slice(0, room)}`);
  };
  if (live) draw();
  else stream.write(`bellhop: ${text}\n`);
  const timer = setInterval(draw, live ? REDRAW_MS : PLAIN_EVERY_MS);
  timer.unref();
  return {
    /** What the step says about itself: its last line, shown on a terminal only. */
    detail: (line) => {
      detail = line;
    },
    done: (what) => {
      clearInterval(timer);
      clear();
      stream.write(`bellhop: ${what} (${seconds()})\n`);
    },
    failed: () => {
      clearInterval(timer);
      clear();
    },
  };
}
