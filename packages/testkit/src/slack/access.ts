import { scopeNames } from "./events.ts";
import { Refusal, type Args } from "./method.ts";
import { kindsOf } from "./people.ts";
import type { Workspace } from "./state.ts";

/** Everything that a bot may be granted here. */
export const everyScope: readonly string[] = [
  "app_mentions:read",
  "chat:write",
  "chat:write.customize",
  "files:read",
  "files:write",
  "reactions:read",
  "reactions:write",
  "users:read",
  "im:write",
  "mpim:write",
  ...Object.values(scopeNames).flatMap((name) => [`${name}:history`, `${name}:read`]),
];

/** Refuses a call that the workspace did not let the app make. Which scopes a method needs stands on its page under "Scopes". */
export function checkScope(workspace: Workspace, { method, args }: { method: string; args: Args }): void {
  const missing = needs(workspace, method, args).find((scope) => !workspace.scopes.has(scope));
  if (missing === undefined) return;
  const refusal = new Refusal("missing_scope"); // every method page: "… not granted the specific scope permissions required …"
  // What is needed and what there is stand in the answer (@slack/web-api types both; seen in users' reports).
  refusal.more = { needed: missing, provided: [...workspace.scopes].join(",") };
  throw refusal;
}

function needs({ channels }: Workspace, method: string, args: Args): string[] {
  const [family = ""] = method.split(".");
  const always = scopes[method] ?? scopes[family];
  // chat.postMessage, "Authorship": a name and a picture of the caller's want this scope. That Slack refuses the call without it, and does not leave them out, could not be verified.
  const isNamed = family === "chat" && ["username", "icon_emoji", "icon_url"].some((name) => args[name] !== undefined);
  if (always !== undefined) return isNamed ? [always, "chat:write.customize"] : [always];
  if (method === "conversations.open") return [(args.users ?? "").includes(",") ? "mpim:write" : "im:write"];
  if (method === "users.conversations") return kindsOf(args).map((kind) => `${scopeNames[kind]}:read`);
  const kind = channels.get(args.channel ?? "")?.kind;
  return family === "conversations" && kind !== undefined ? [`${scopeNames[kind]}:history`] : [];
}

const scopes: Readonly<Record<string, string>> = {
  chat: "chat:write",
  reactions: "reactions:write",
  "files.getUploadURLExternal": "files:write",
  "files.completeUploadExternal": "files:write",
  "files.delete": "files:write",
  "files.info": "files:read",
  "users.info": "users:read",
  "bots.info": "users:read",
};
