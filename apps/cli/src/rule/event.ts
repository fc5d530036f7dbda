import { fieldsOf, isFields } from "@bellhop/contracts";
import { jinja, type Happening } from "@bellhop/core";
import { DateTime, readJson } from "@bellhop/expression";
import { parse } from "yaml";
import { readNamed } from "../named-file.ts";
import { UsageError } from "../report.ts";

export interface Event {
  /** Absent where the file has a payload alone. */
  readonly trigger: string | undefined;
  readonly happening: Happening;
}

/** Reads what happened from a file. JSON keeps apart 1 and 1.0, and loses no digit. @throws UsageError */
export function readEvent(file: string): Event {
  const value = valueOf(file);
  const envelope = isFields(value) && "payload" in value ? value : { payload: value };
  const { trigger } = fieldsOf(envelope);
  if (trigger !== undefined && typeof trigger !== "string") throw new UsageError(`${file}: trigger is no text such as core.st2.webhook.`);
  const now = new DateTime(BigInt(Date.now()) * 1000n, 0);
  return { trigger, happening: { payload: envelope.payload, now, render: jinja } };
}

function valueOf(file: string): unknown {
  const text = readNamed(file);
  try {
    return /\.ya?ml$/.test(file) ? (parse(text) as unknown) : readJson(text);
  } catch (error) {
    const kind = /\.ya?ml$/.test(file) ? "YAML" : "JSON";
    throw new UsageError(`${file} is no ${kind}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
