import { Socket } from "node:net";

/** Calls `end` when whoever started this process is gone: the other side of what run-node.mjs describes. */
export function watchLifeline(end) {
  const fd = Number(process.env.BELLHOP_LIFELINE_FD);
  if (!fd) return;
  const lifeline = new Socket({ fd, readable: true, writable: false });
  lifeline
    .on("error", () => {})
    .on("close", end)
    .resume()
    .unref();
}
