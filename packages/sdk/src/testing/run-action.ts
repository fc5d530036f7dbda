import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import type { Action, ActionLog, InputGiven, InputShape } from "../action.ts";
import { mediaType, safeName, type ActionFile, type Attached } from "../files.ts";
import { carryOut } from "../host.ts";
import { memoryKv } from "../kv.ts";

/** A file that an action attached. */
export interface Attachment extends Attached {
  readonly content: Uint8Array;
  /** The content, read as UTF-8. */
  readonly text: string;
}

/** Files by name; a text is their content in UTF-8. */
export type GivenFiles = Readonly<Record<string, string | Uint8Array>>;

/** Runs an action as a runner does: input and output are checked. Resolves to the output. Rejects with a Problem (`parameter_missing`,
 *  `parameter_invalid`, `output_invalid`) or with whatever the action threw, e.g. its {@link ActionFailed}.
 *  @param options.files what comes with the command, by name
 *  @param options.kv what its pack keeps, by name, and with `system.` before the name what the installation does: what the action changes is in it afterwards
 *  @param options.attached gets what the action attaches, in order; absent: nobody does
 *  @param options.log gets what the action writes to its log; absent: nobody does */
export async function runAction<
  Input extends InputShape | z.ZodObject,
  Output extends z.ZodType,
  Fields extends InputShape | z.ZodObject = InputShape,
>(
  definition: Action<Input, Output, Fields>,
  input: InputGiven<Input>,
  options: {
    config?: Record<string, unknown>;
    files?: GivenFiles;
    attached?: Attachment[];
    kv?: Map<string, unknown>;
    signal?: AbortSignal;
    log?: ActionLog;
  } = {},
): Promise<z.output<Output>> {
  const { config, files = {}, attached, kv, signal = new AbortController().signal, log = silent } = options;
  const folder = Object.keys(files).length === 0 ? undefined : mkdtempSync(join(tmpdir(), "action-"));
  try {
    const output = await carryOut(definition, {
      action: "test.action",
      input: input as Record<string, unknown>,
      config,
      files: folder === undefined ? [] : laidOut(files, folder),
      ...(kv === undefined ? {} : { kv: memoryKv(kv) }),
      keep: (file, bytes) => attached?.push(attachmentOf(file, bytes)),
      log,
      signal,
    });
    return output as z.output<Output>;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts files into a folder that is there, under names that are safe. */
export function laidOut(files: GivenFiles, folder: string): ActionFile[] {
  const taken = new Set<string>();
  return Object.entries(files).map(([given, content]) => {
    const name = safeName(given, taken);
    const path = join(folder, name);
    writeFileSync(path, content);
    return { name, type: mediaType(name), bytes: Buffer.byteLength(content), path };
  });
}

export function attachmentOf(file: Attached, bytes: Uint8Array): Attachment {
  return { ...file, content: bytes.slice(), text: new TextDecoder().decode(bytes) };
}

export const silent: ActionLog = { debug() {}, info() {}, warn() {}, error() {} };
