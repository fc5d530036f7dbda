import { openPlatform, platformNames, type Platform, type PlatformName, type Said, type Shown, type Words } from "./platforms.ts";
import { startStage, type PartName, type Stage, type StageOptions } from "./stage.ts";
import { until } from "./until.ts";

/** An installation that one engine and one runner serve, with people on every platform. Ana owns it. */
export interface Team {
  stage: Stage;
  chats: readonly Platform[];
  chat(name: PlatformName): Platform;
  /** Starts the gateways, and waits until they hear. */
  connect(options?: { crash?: string }): Promise<void>;
  /** Ends the gateways as whoever operates them would. */
  disconnect(): Promise<void>;
  end(): Promise<void>;
}

export interface TeamOptions extends StageOptions {
  rooms: readonly string[];
  /** Names of more accounts of ours, of each platform: each on a server of its own, served by the same gateway. */
  accounts?: readonly string[];
  /** More of bellhop.yaml. */
  config?: (chats: readonly Platform[]) => object;
}

export async function startTeam({ rooms, accounts = [], config, ...options }: TeamOptions): Promise<Team> {
  const each = [undefined, ...accounts].flatMap((account) => platformNames.map((name) => ({ name, account })));
  const chats = await Promise.all(each.map(async ({ name, account }) => openPlatform(name, { rooms, account })));
  const stage = await startStage(options);
  stage.configure({ owners: chats.map((chat) => chat.identity("ana")), durations: options.durations, ...config?.(chats) });
  stage.start("engine-1");
  stage.start("runner-1");
  const team: Team = {
    stage,
    chats,
    chat(name) {
      const found = chats.find((chat) => chat.name === name);
      if (found === undefined) throw new Error(`there is no chat ${name}`);
      return found;
    },
    async connect({ crash } = {}) {
      for (const name of platformNames) {
        const served = chats.filter((chat) => chat.name === name).map((chat) => chat.env);
        stage.start(`${name}-1`, { env: Object.assign({}, ...served) as Record<string, string>, crash });
      }
      await Promise.all(chats.map((chat) => until(() => chat.connections() > 0, { instead: () => `${chat.name} has no connection` })));
    },
    async disconnect() {
      await Promise.all(platformNames.map((name) => stage.stop(`${name}-1`)));
    },
    async end() {
      await stage.end();
      for (const chat of chats) await chat.close();
    },
  };
  await team.connect();
  return team;
}

export function gatewayOf({ name }: Platform): PartName {
  return `${name}-1`;
}

/** Says it, and waits for what the bot says to it. */
export async function ask(chat: Platform, words: Words): Promise<{ said: Said; answer: Shown; more: Shown[] }> {
  const said = await chat.say(words);
  await until(() => said.answers().length > 0, { instead: () => `${chat.name} saw no answer to ${words.text}` });
  const [answer, ...more] = said.answers();
  if (answer === undefined) throw new Error(`the answer to ${words.text} came and went`);
  return { said, answer, more };
}
