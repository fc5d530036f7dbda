import { askPlatform, type InspectAnswer, type Inspection } from "@bellhop/gateway";
import { z } from "zod";
import type { SlackSettings } from "./config.ts";

/** What the app asks for: docs/platforms/slack-manifest.yaml. */
const wanted = [
  "app_mentions:read",
  "channels:history",
  "channels:read",
  "chat:write",
  "files:read",
  "files:write",
  "groups:history",
  "groups:read",
  "im:history",
  "im:read",
  "im:write",
  "mpim:history",
  "mpim:read",
  "reactions:read",
  "reactions:write",
];

const Answer = z.object({
  ok: z.boolean(),
  error: z.string().default("no reason given"),
  user: z.string().default("?"),
  team: z.string().default("?"),
});

/** Asks Slack about both tokens of an account. @throws Error where it can't be reached */
export async function checkSlack(
  { botToken, appToken, apiUrl = "https://slack.com/api/" }: SlackSettings,
  signal: AbortSignal,
): Promise<Inspection> {
  const call = (method: string, token: string) =>
    askPlatform(new URL(method, apiUrl).href, { method: "POST", headers: { Authorization: `Bearer ${token}` }, signal });
  const [bot, app] = await Promise.all([
    call("auth.test", botToken.reveal()),
    // It gives an address, and opens nothing yet.
    call("apps.connections.open", appToken.reveal()),
  ]);
  const { ok, error, user, team } = Answer.parse(bot.json);
  const opening = Answer.parse(app.json);
  const missing = ok ? missingScopes(bot) : [];
  return {
    found: ok ? `@${user} in ${team}` : "nobody",
    ...(bot.skewMs === undefined ? {} : { skewMs: bot.skewMs }),
    faults: [
      ...(ok
        ? []
        : [
            {
              what: `Slack refuses the bot's token: ${error}`,
              hint: "Install the app again and copy the token that begins with xoxb-.",
              grave: true,
            },
          ]),
      ...(opening.ok
        ? []
        : [
            {
              what: `Slack refuses the app-level token: ${opening.error}`,
              hint: "Basic Information → App-Level Tokens: make one with connections:write; Socket Mode must be on.",
              grave: true,
            },
          ]),
      ...(missing.length === 0
        ? []
        : [
            {
              what: `scopes are missing: ${missing.join(", ")}`,
              hint: "Put docs/platforms/slack-manifest.yaml into the app's manifest and install it again.",
              grave: missing.includes("chat:write"),
            },
          ]),
    ],
  };
}

function missingScopes(answer: InspectAnswer): string[] {
  const granted = answer
    .header("x-oauth-scopes")
    ?.split(",")
    .map((scope) => scope.trim());
  return granted === undefined ? [] : wanted.filter((scope) => !granted.includes(scope));
}
