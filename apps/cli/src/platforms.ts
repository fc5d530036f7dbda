import { hasAccounts, type Inspection } from "@bellhop/gateway";
import { discordConfig, discordSettings } from "@bellhop/gateway-discord/config";
import { matrixConfig, matrixSettings } from "@bellhop/gateway-matrix/config";
import { slackConfig, slackSettings } from "@bellhop/gateway-slack/config";
import { commonConfig, createLog, type CommonConfig, type Env, type Service } from "@bellhop/service";

/** A chat platform that `up` can serve. */
export interface Platform {
  /** As people read it. */
  name: string;
  /** Names its log file. */
  part: string;
  /** Whether this installation has tokens for any account there. */
  isWanted(env: Env): boolean;
  /** Reads the configuration (all faults at once) and gives what starts the gateway, again after a failure. Its SDK costs time and memory, so it is
   *  loaded here and not before. */
  prepare(env: Env, adjust: Adjust): Promise<() => Promise<Service>>;
  /** Its accounts (`slack acme`), and how each is asked about. @throws Problem config_invalid */
  accounts(env: Env): Promise<{ name: string; inspect(signal: AbortSignal): Promise<Inspection> }[]>;
}

/** Gives a part's configuration its own credentials and log file. */
export type Adjust = <Config extends CommonConfig>(config: Config, part: string) => Config;

export const platforms: readonly Platform[] = [
  {
    name: "Slack gateway",
    part: "gateway-slack",
    isWanted: (env) => hasAccounts(env, { of: slackSettings, file: commonConfig(env, "gateway").file }),
    async prepare(env, adjust) {
      const { start } = await import("@bellhop/gateway-slack");
      return starting(adjust(slackConfig(env), this.part), start, this.part);
    },
    async accounts(env) {
      const { checkSlack } = await import("@bellhop/gateway-slack/check");
      return slackConfig(env).accounts.map((account) => ({
        name: `slack ${account.name}`,
        inspect: (signal) => checkSlack(account, signal),
      }));
    },
  },
  {
    name: "Discord gateway",
    part: "gateway-discord",
    isWanted: (env) => hasAccounts(env, { of: discordSettings, file: commonConfig(env, "gateway").file }),
    async prepare(env, adjust) {
      const { start } = await import("@bellhop/gateway-discord");
      return starting(adjust(discordConfig(env), this.part), start, this.part);
    },
    async accounts(env) {
      const { checkDiscord } = await import("@bellhop/gateway-discord/check");
      return discordConfig(env).accounts.map((account) => ({
        name: `discord ${account.name}`,
        inspect: (signal) => checkDiscord(account, signal),
      }));
    },
  },
  {
    name: "Matrix gateway",
    part: "gateway-matrix",
    isWanted: (env) => hasAccounts(env, { of: matrixSettings, file: commonConfig(env, "gateway").file }),
    async prepare(env, adjust) {
      const { start } = await import("@bellhop/gateway-matrix");
      return starting(adjust(matrixConfig(env), this.part), start, this.part);
    },
    async accounts(env) {
      const { checkMatrix } = await import("@bellhop/gateway-matrix/check");
      return matrixConfig(env).accounts.map((account) => ({
        name: `matrix ${account.name}`,
        inspect: (signal) => checkMatrix(account, signal),
      }));
    },
  },
];

function starting<Config extends CommonConfig>(
  config: Config,
  start: (config: Config, log: ReturnType<typeof createLog>) => Promise<Service>,
  part: string,
): () => Promise<Service> {
  const log = createLog({ name: part, level: config.logLevel, destination: config.logFile });
  return () => start(config, log);
}
