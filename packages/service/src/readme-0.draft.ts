import { commonConfig, createLog, runMain, type Service } from "@bellhop/service";

async function start(): Promise<Service> {
  const config = commonConfig(process.env, "engine");
  const log = createLog({ name: "engine", level: config.logLevel });
  log.info({ url: config.nats.url }, "started");
  return { stop: async () => log.info({}, "stopped"), failed: new Promise<never>(() => {}) };
}

await runMain(start);

export {};
