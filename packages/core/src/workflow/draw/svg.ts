import { Graph, layout } from "@dagrejs/dagre";
import { coloursOf } from "./colours.ts";
import type { Box, Drawing, Way } from "./drawing.ts";

/** Boxes and ways in layers, from top to bottom, as one SVG that needs nothing else. How long it takes grows with the square of what there is to draw, and
 *  faster where it is tangled: see {@link mostParts}. */
export function svg(drawing: Drawing, title: string): string {
  const { boxes, ways, width, height } = laidOut(drawing);
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" font-family="system-ui, sans-serif" font-size="${fontSize}">`,
    `<title>${escaped(title)}</title>`,
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#5b6673"/></marker></defs>`,
    ...ways.map(({ points }) => `<path d="${pathOf(points)}" fill="none" stroke="#5b6673" stroke-width="1.3" marker-end="url(#tip)"/>`),
    ...boxes.map(drawn),
    ...ways.flatMap(({ label, x, y }) => (label === "" ? [] : [labelled(label, { x, y })])),
    "</svg>",
    "",
  ].join("\n");
}

/** Boxes and ways that are drawn in seconds at worst. */
export const mostParts = 600;

const fontSize = 13;
const lineHeight = 18;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Placed extends Point {
  readonly box: Box;
  readonly width: number;
  readonly height: number;
}

interface LaidOut {
  readonly boxes: readonly Placed[];
  readonly ways: readonly (Point & { readonly label: string; readonly points: readonly Point[] })[];
  readonly width: number;
  readonly height: number;
}

function laidOut({ boxes, ways }: Drawing): LaidOut {
  const graph = new Graph({ multigraph: true });
  // The layout writes what it finds into the objects that it was given.
  const frame: Partial<Size> & Record<string, unknown> = { rankdir: "TB", nodesep: 36, ranksep: 44, marginx: 12, marginy: 12 };
  const placed = boxes.map((box): { readonly box: Box } & Size & Partial<Point> => ({ box, ...sizeOf(box) }));
  const led = ways.map((way): Way & Size & Partial<Point> & { points?: readonly Point[] } => ({ ...way, ...labelSize(way.label) }));
  graph.setGraph(frame);
  for (const one of placed) graph.setNode(one.box.id, one);
  for (const [place, one] of led.entries()) graph.setEdge(one.from, one.to, one, String(place));
  layout(graph);
  return {
    boxes: placed.map((one) => ({ ...one, x: one.x ?? 0, y: one.y ?? 0 })),
    ways: led.map(({ label, x = 0, y = 0, points = [] }) => ({ label, x, y, points })),
    width: Math.ceil(frame.width ?? 0),
    height: Math.ceil(frame.height ?? 0),
  };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** By the widths of letters that most fonts keep to: nothing here can measure. */
function widthOf(text: string): number {
  return Array.from(text).reduce((sum, letter) => sum + (/[\u2e80-\uffff]|\p{Extended_Pictographic}/u.test(letter) ? 14 : 7.4), 0);
}

function sizeOf({ kind, title, lines, state }: Box): Size {
  const texts = [title, ...lines, ...(state === undefined ? [] : [state])];
  const width = Math.max(...texts.map(widthOf)) + (kind === "end" ? 32 : 24);
  return { width: Math.ceil(Math.max(width, 60)), height: texts.length * lineHeight + 12 };
}

function labelSize(label: string): Size {
  return label === "" ? { width: 0, height: 0 } : { width: Math.ceil(widthOf(label) * 0.9) + 8, height: lineHeight };
}

function drawn({ box, x, y, width, height }: Placed): string {
  const { fill, stroke } = coloursOf(box.state);
  const [left, top] = [round(x - width / 2), round(y - height / 2)];
  const rest = [
    ...box.lines.map((text) => ({ text, style: "" })),
    ...(box.state === undefined ? [] : [{ text: box.state, style: ' font-style="italic"' }]),
  ];
  const texts = [{ text: box.title, style: ' font-weight="600"' }, ...rest].map(
    ({ text, style }, line) =>
      `<text x="${round(x)}" y="${round(top + 6 + lineHeight * (line + 0.72))}" text-anchor="middle" fill="#1b1f24"${style}>${escaped(text)}</text>`,
  );
  const radius = box.kind === "end" ? round(height / 2) : 6;
  return `<g><rect x="${left}" y="${top}" width="${width}" height="${height}" rx="${radius}" fill="${fill}" stroke="${stroke}" stroke-width="1.3"/>${texts.join("")}</g>`;
}

function labelled(label: string, { x, y }: Point): string {
  const { width, height } = labelSize(label);
  const ground = `<rect x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${width}" height="${height}" rx="3" fill="#ffffff" fill-opacity="0.85"/>`;
  return `<g font-size="${fontSize - 1}">${ground}<text x="${round(x)}" y="${round(y + 4)}" text-anchor="middle" fill="#3b434d">${escaped(label)}</text></g>`;
}

/** Bends are rounded: each inner point only pulls the line. */
function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const parts = [`M${round(first.x)} ${round(first.y)}`];
  for (const [place, point] of rest.entries()) {
    const next = rest[place + 1];
    if (next === undefined) parts.push(`L${round(point.x)} ${round(point.y)}`);
    else parts.push(`Q${round(point.x)} ${round(point.y)} ${round((point.x + next.x) / 2)} ${round((point.y + next.y) / 2)}`);
  }
  return parts.join(" ");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** What XML can't hold at all is left out. */
function escaped(text: string): string {
  return text.replaceAll(/(?![\t\n])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "").replaceAll(/[&<>"]/g, (char) => `&#${char.codePointAt(0)};`);
}
