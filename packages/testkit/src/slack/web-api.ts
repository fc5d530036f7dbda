import { checkScope } from "./access.ts";
import { chatMethods } from "./chat.ts";
import { conversationMethods } from "./conversations.ts";
import type { Call } from "./call.ts";
import { fileMethods } from "./files.ts";
import { Refusal, type Answer, type Method, type Surroundings } from "./method.ts";
import { peopleMethods } from "./people.ts";
import { viewMethods } from "./views.ts";

/**
 * The Web API methods that a chat bot leans on, refusing what Slack's reference says is refused
 * (docs.slack.dev/reference/methods/<method>; each refusal names its page where it stands).
 *
 * Not verified against the real Slack, only plausible:
 * - the text of `response_metadata.messages`, and that a missing argument is always `invalid_arguments`;
 * - that chat.postMessage in an unknown thread is `thread_not_found` (a maintainer says so in slackapi/bolt-js#2307, its page does not);
 * - the 16 KB from which metadata is too large;
 * - that history and replies without include_all_metadata show a metadata's type but not its payload (read at second hand);
 * - that conversations.replies is `not_in_channel` as conversations.history is, and that a wrong limit is `invalid_limit` in both;
 * - `message_truncated` as the warning for a cut text;
 * - that conversations.history with only `oldest` gives the newest page first;
 * - that conversations.replies shows the root on its first page whatever `oldest` says, and gives the whole thread for a reply's ts (its page: "a message in the thread");
 * - whether a token in the form is `invalid_auth` or another code for apps.connections.open (its page says only "an error");
 * - that a deleted root of a thread is told as `message_changed` with a `tombstone` in it, and not as `message_deleted`;
 * - that an ephemeral message in a thread without replies is shown to nobody for ever (its page: "only shown if there is already an active thread");
 * - that the message of an upload keeps the `block_id`s of its blocks, and that the bot may delete that message by chat.delete;
 * - the refusals of files.completeUploadExternal for a channel the bot is not in (`not_in_channel`) and for a thread that is not there;
 * - what an address of a file gives to a token without files:read: here a page to sign in, as users report;
 * - that a message of an app without the scope of an event is not told to it at all;
 * - how invalid views and blocks are worded, and that an action_id twice in one message is `invalid_blocks`;
 * - the tiers of files.*, reactions.remove and chat.postEphemeral (read at second hand), and how many posts at once a channel takes.
 * Not modelled: the tier of apps.connections.open, escaping of `&`, `<` and `>` in stored text, unfurling.
 */
export function answerCall(world: Surroundings, call: Call): Answer {
  try {
    const method = methods[call.method];
    if (!method) return { ok: false, error: "unknown_method", req_method: call.method };
    checkToken(world, call);
    const missing = method.required.filter((name) => !call.args[name]);
    if (missing.length > 0) throw new Refusal("invalid_arguments", ...missing.map((name) => `missing required field: ${name}`));
    checkScope(world.workspace, call);
    return { ok: true, ...method.run(world, call.args) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return {
      ok: false,
      error: error.code,
      ...error.more,
      ...(error.notes.length > 0 && { response_metadata: { messages: error.notes.map((note) => `[ERROR] ${note}`) } }),
    };
  }
}

const openConnection: Method = {
  required: [],
  run: ({ openLink }) => ({ url: openLink() }),
};

const methods: Readonly<Record<string, Method>> = {
  ...chatMethods,
  ...conversationMethods,
  ...fileMethods,
  ...peopleMethods,
  ...viewMethods,
  "apps.connections.open": openConnection,
};

function checkToken({ workspace: { bot }, revoked }: Surroundings, { method, token, tokenIn }: Call): void {
  if (!token) throw new Refusal("not_authed"); // every method page: "No authentication token provided."
  if ((token !== bot.token && token !== bot.appToken) || revoked()) throw new Refusal("invalid_auth"); // every method page
  const wanted = method === "apps.connections.open" ? bot.appToken : bot.token;
  if (token !== wanted) throw new Refusal("not_allowed_token_type"); // every method page: "The token type used in this request is not allowed."
  // apps.connections.open: the token in the header, "passing it as a POST parameter will result in an error".
  if (method === "apps.connections.open" && tokenIn !== "header") throw new Refusal("invalid_auth");
}
