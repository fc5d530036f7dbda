import type { CrashPoint } from "@bellhop/service";
import { crashPoints } from "@bellhop/service";
import { startFakeSlack } from "@bellhop/testkit/slack";
import { afterEach, describe, expect, test } from "vitest";
import { startStage, type Stage } from "../stage.ts";
import { faultyPacks } from "./packs.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe("a Slack gateway killed with -9 at its crash point leaves one answer standing", () => {
  for (const point of (Object.keys(crashPoints) as CrashPoint[]).filter((name) => name.startsWith("gateway."))) {
    test(point, async () => {
      const slack = await startFakeSlack({ ackTimeoutMs: 300, retryDelaysMs: [0, 300, 600, 1200, 2400] });
      ends.push(() => slack.close());
      const stage = await startStage({ factor: 0.1, packs: faultyPacks });
      ends.push(() => stage.end());
      const channel = slack.createChannel("ops");
      const ana = slack.createUser("ana");
      startSlackStage(stage, slack, { crash: point, owner: `slack:${slack.team.id}/${ana}` });
      await slack.waitUntil(() => slack.sockets() > 0, 20_000);

      const words = ["w0", "w1", "w2"];
      const asked = await Promise.all(words.map((word) => slack.say({ channel, user: ana, text: `!again ${word} in ${stage.file}` })));
      const answers = (ts: string) =>
        slack.room(channel).filter((message) => message.thread_ts === ts && message.user === slack.bot.userId);
      await slack.waitUntil(() => asked.every(({ ts }) => answers(ts).length > 0), 30_000);
      await slack.waitUntil(() => stage.crashes().length > 0 && slack.unsettled().length === 0, 30_000);
      expect(stage.crashes().join()).toContain(point);
      for (const [index, { ts }] of asked.entries())
        expect(
          answers(ts).map(({ text }) => text),
          words[index],
        ).toEqual([`noted ${words[index]}`]);
    });
  }
});

function startSlackStage(stage: Stage, slack: Awaited<ReturnType<typeof startFakeSlack>>, at: { crash: string; owner: string }): void {
  const env = {
    BELLHOP_SLACK_API_URL: slack.apiUrl,
    BELLHOP_SLACK_BOT_TOKEN: slack.bot.token,
    BELLHOP_SLACK_APP_TOKEN: slack.bot.appToken,
  };
  stage.configure({ owners: [at.owner] });
  stage.start("engine-1");
  stage.start("runner-1");
  stage.start("slack-1", { crash: at.crash, env });
}
