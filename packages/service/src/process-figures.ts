import { monitorEventLoopDelay } from "node:perf_hooks";
import { figure, type Figure } from "./metrics.ts";

/** What this process takes of the machine. */
export function watchProcess(): { read(): Figure[]; stop(): void } {
  const resolutionMs = 20;
  const loop = monitorEventLoopDelay({ resolution: resolutionMs });
  loop.enable();
  const startedAt = Date.now() / 1000 - process.uptime();
  // The histogram holds the time between two looks, which is never below its resolution.
  const late = (nanoseconds: number) => (Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - resolutionMs / 1e3) : 0);
  return {
    read() {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed } = process.memoryUsage();
      const figures = [
        figure("process_start_time_seconds", {}, startedAt),
        figure("process_cpu_seconds_total", {}, (user + system) / 1e6),
        figure("process_resident_memory_bytes", {}, rss),
        figure("nodejs_heap_size_used_bytes", {}, heapUsed),
        figure("nodejs_eventloop_lag_mean_seconds", {}, late(loop.mean)),
        figure("nodejs_eventloop_lag_max_seconds", {}, late(loop.count === 0 ? 0 : loop.max)),
      ];
      loop.reset();
      return figures;
    },
    stop: () => void loop.disable(),
  };
}
