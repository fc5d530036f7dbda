/** Of a state: what fills its box, and its edge. Readable on light and dark ground. */
interface Colours {
  readonly fill: string;
  readonly stroke: string;
}

const plain: Colours = { fill: "#f4f6f9", stroke: "#7b8794" };
const waiting: Colours = { fill: "#fff3cd", stroke: "#b7860b" };
const working: Colours = { fill: "#d6e8ff", stroke: "#2367b5" };
const good: Colours = { fill: "#d5f2dc", stroke: "#2c7a43" };
const bad: Colours = { fill: "#fbdada", stroke: "#b42323" };
const over: Colours = { fill: "#e3e3e8", stroke: "#5b5b66" };

const byState: Readonly<Record<string, Colours>> = {
  requested: waiting,
  delayed: waiting,
  pending: waiting,
  pausing: waiting,
  paused: waiting,
  retrying: working,
  resuming: working,
  running: working,
  canceling: over,
  canceled: over,
  abandoned: bad,
  failed: bad,
  "timed-out": bad,
  timeout: bad,
  succeeded: good,
};

export function coloursOf(state: string | undefined): Colours {
  return byState[state ?? ""] ?? plain;
}
