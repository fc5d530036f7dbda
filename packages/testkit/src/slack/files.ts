import { isFields } from "@bellhop/contracts";
import { fileFields } from "./events.ts";
import { channelOf, listOf, mustBeIn, Refusal, threadOf, type Args, type Method, type Surroundings } from "./method.ts";
import { announceFile, edit, post, remove, type Channel, type StoredFile, type Workspace } from "./state.ts";

const getUploadURLExternal: Method = {
  required: ["filename"],
  run: ({ workspace }, args) => {
    const size = Number(args.length);
    // files.getUploadURLExternal: missing_argument "typically only occurs when the length provided is 0".
    if (!args.length || size === 0) throw new Refusal("missing_argument");
    if (!Number.isInteger(size) || size < 0) throw new Refusal("invalid_arguments");
    const file = announceFile(workspace, { name: args.filename ?? "", size, user: workspace.bot.userId });
    return { upload_url: `${workspace.address}/upload/v1/${file.id}`, file_id: file.id };
  },
};

const completeUploadExternal: Method = {
  required: ["files"],
  run: (world, args) => {
    const { workspace } = world;
    const files = (listOf(args.files, "invalid_arguments") ?? []).map((given) => uploaded(workspace, given));
    const blocks = listOf(args.blocks, "invalid_blocks");
    // Seen in slackapi/python-slack-sdk#1756: a markdown block, which chat.postMessage takes, is an internal_error here.
    if (blocks?.some(({ type }) => type === "markdown")) throw new Refusal("internal_error");
    const channel = args.channel_id ? destination(workspace, args.channel_id) : undefined;
    const threadTs = channel && threadOf(channel, args.thread_ts);
    for (const { file, title } of files) Object.assign(file, { title, state: "complete" });
    if (channel) {
      // Slack shares the files a moment after it has answered (slackapi/bolt-js#2115): the answer names no message.
      world.later(() => {
        const shown = blocks && !args.initial_comment ? { blocks, text: "" } : { text: args.initial_comment ?? "" };
        const { userId: user, botId } = workspace.bot;
        world.announce(post(workspace, channel, { ...shown, user, botId, threadTs, files: files.map(({ file }) => file.id) }));
      });
    }
    return { files: files.map(({ file, title }) => ({ id: file.id, title })) };
  },
};

const info: Method = {
  required: ["file"],
  run: ({ workspace }, args) => {
    const file = known(workspace, args.file);
    const shares: Record<string, Record<string, unknown[]>> = {};
    for (const { channel: id, ts } of file.shares) {
      const channel = workspace.channels.get(id);
      const kind = channel?.kind === "channel" ? "public" : "private";
      const threadTs = channel?.messages.get(ts)?.threadTs;
      ((shares[kind] ??= {})[id] ??= []).push({ ts, ...(threadTs && { thread_ts: threadTs }) });
    }
    return { file: { ...fileFields(workspace, file.id), shares } };
  },
};

const deleteFile: Method = {
  required: ["file"],
  run: (world, args) => {
    const file = known(world.workspace, args.file);
    if (file.user !== world.workspace.bot.userId) throw new Refusal("cant_delete_file"); // files.delete
    file.state = "deleted";
    for (const { channel: id, ts } of file.shares) withdraw(world, { id, ts, file: file.id });
    return {};
  },
};

export const fileMethods: Readonly<Record<string, Method>> = {
  "files.getUploadURLExternal": getUploadURLExternal,
  "files.completeUploadExternal": completeUploadExternal,
  "files.info": info,
  "files.delete": deleteFile,
};

/** What arrives at an upload address: raw bytes, or a form with one file in it (files.getUploadURLExternal, "Usage info"). Answers anything but 200
 *  where it is not what was announced. */
export async function takeUpload(workspace: Workspace, { id, body, type }: { id: string; body: Buffer; type: string }): Promise<number> {
  const file = workspace.files.get(id);
  if (file?.state !== "announced") return 404;
  const bytes = type.startsWith("multipart/form-data") ? await fileOfForm(body, type) : new Uint8Array(body);
  if (bytes?.byteLength !== file.size) return 400;
  Object.assign(file, { bytes, state: "uploaded" });
  return 200;
}

async function fileOfForm(body: Buffer, type: string): Promise<Uint8Array | undefined> {
  const form = await new Response(new Uint8Array(body), { headers: { "Content-Type": type } }).formData();
  const sent = [...form.values()].find((value) => typeof value !== "string");
  return sent && new Uint8Array(await sent.arrayBuffer());
}

/** A message that was nothing but the file goes with it. */
function withdraw({ workspace, announce }: Surroundings, { id, ts, file }: { id: string; ts: string; file: string }): void {
  const channel = workspace.channels.get(id);
  const message = channel?.messages.get(ts);
  if (!channel || !message) return;
  const files = message.files?.filter((other) => other !== file);
  const change =
    message.text === "" && !message.blocks
      ? remove(workspace, channel, ts)
      : edit(workspace, channel, { ts, user: message.user, files: files?.length ? files : undefined });
  if (change) announce(change);
}

function uploaded(workspace: Workspace, given: Record<string, unknown>): { file: StoredFile; title: string } {
  if (!isFields(given) || typeof given.id !== "string") throw new Refusal("invalid_arguments");
  const file = workspace.files.get(given.id);
  // files.completeUploadExternal: "Could not find the file from the upload ticket." It can be called once.
  if (file?.state !== "uploaded") throw new Refusal("file_not_found");
  return { file, title: typeof given.title === "string" ? given.title : file.name };
}

function destination(workspace: Workspace, id: Args[string]): Channel {
  // files.completeUploadExternal takes the ids of conversations alone (bolt-js#2115), and has a refusal of its own for what it can't find.
  if (!workspace.channels.has(id)) throw new Refusal("invalid_channel");
  const channel = channelOf(workspace, id);
  mustBeIn(workspace, channel);
  return channel;
}

function known(workspace: Workspace, id: string | undefined): StoredFile {
  const file = workspace.files.get(id ?? "");
  if (!file) throw new Refusal("file_not_found"); // files.info, files.delete
  if (file.state === "deleted") throw new Refusal("file_deleted"); // files.info, files.delete
  return file;
}
