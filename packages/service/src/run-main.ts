import { Socket } from "node:net";
import { toProblem } from "@bellhop/contracts";

/** A started part of the product. */
export interface Service {
  /** Stops taking work, finishes what is in hand within `durations.drain`, leaves. */
  stop(): Promise<void>;
  /** Rejects when it can't go on; never resolves. */
  failed: Promise<never>;
}

/** The whole life of an app's process: starts it, drains it at SIGTERM or SIGINT (a second one ends at once), and ends when whoever started it
 *  does. Exit codes: 0 after a drain, 1 after a failure, which is told in one line. */
export async function runMain(start: () => Promise<Service>): Promise<void> {
  watchLifeline();
  try {
    const service = await start();
    // Where whoever started us gave a channel.
    process.send?.({ kind: "ready" });
    const stopped = new Promise<void>((resolve, reject) => {
      const stop = () => {
        process.once("SIGTERM", () => process.exit(1));
        process.once("SIGINT", () => process.exit(1));
        service.stop().then(resolve, reject);
      };
      process.once("SIGTERM", stop);
      process.once("SIGINT", stop);
    });
    await Promise.race([stopped, service.failed]);
    process.exit(0);
  } catch (error) {
    const { message, hint } = toProblem(error);
    process.stderr.write(`${message}\n${hint === "" ? "" : `  ${hint}\n`}`);
    process.exit(1);
  }
}

/** BELLHOP_LIFELINE_FD names a pipe whose other end only our parent holds: its end means that the parent was killed, and we follow. */
export function watchLifeline(): void {
  const fd = Number(process.env.BELLHOP_LIFELINE_FD ?? "");
  delete process.env.BELLHOP_LIFELINE_FD;
  if (!Number.isInteger(fd) || fd < 3) return;
  // A socket, not a file stream: that would keep one of the four threads for file work waiting for ever.
  const lifeline = new Socket({ fd, readable: true, writable: false });
  lifeline.on("close", () => process.kill(process.pid, "SIGKILL"));
  lifeline.on("error", () => lifeline.destroy());
  lifeline.resume().unref();
}
