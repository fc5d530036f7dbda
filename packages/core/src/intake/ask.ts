import { problem, type ActionDefinition, type Message, type Parameter, type Question } from "@bellhop/contracts";
import type { CompiledAlias } from "../catalog.ts";
import { holdsSecret } from "../config/secrets.ts";
import { code } from "../reply/words.ts";
import { parametersOf } from "../run/parameters.ts";
import { refuse, type Received, type Verdict } from "./verdict.ts";

/** Asks for the first of what a command lacks: in private only, where it is a secret.
 *  @param why what was wrong with the answer before */
export function asks(
  at: Received,
  lacking: { alias: CompiledAlias; action: ActionDefinition; input: Readonly<Record<string, unknown>>; lacks: readonly string[] },
  why?: string,
): Verdict {
  const { alias, action, input, lacks } = lacking;
  const parameters = parametersOf(action);
  const [name = ""] = lacks;
  const parameter = parameters[name] ?? {};
  if (holdsSecret(parameter) && !isPrivate(at.message)) {
    return refuse(problem("parameter_private", { action: action.ref, parameter: name }));
  }
  const text = [why ?? "", `${wordsAbout(action, name, parameter)} ${howToAnswer(at.message)}`].filter((line) => line !== "").join("\n");
  const secrets = Object.keys(input).filter((given) => holdsSecret(parameters[given] ?? {}));
  return {
    kind: "ask",
    body: { text, tone: why === undefined ? "info" : "warn" },
    lacking: { alias: alias.definition.ref, action: action.ref, input: { ...input }, lacks: [...lacks] },
    secrets,
  };
}

/** What is said where nobody answered in time. */
export function lateWords({ action, lacks }: Question): string {
  return `${code(lacks[0] ?? "")} was not said, so ${action} was not run. Say the command again when you know it.`;
}

function wordsAbout(action: ActionDefinition, name: string, { description = "", enum: choice }: Parameter): string {
  const about = description === "" ? "" : ` (${description.replace(/[\s.]+$/, "")})`;
  const choices = choice === undefined ? "" : ` One of ${choice.map((one) => code(String(one))).join(", ")}.`;
  return `What is ${code(name)}${about}? ${action.ref} needs it.${choices}`;
}

function howToAnswer({ conversation, replyTo }: Message): string {
  const where =
    conversation.kind === "direct" || replyTo.thread !== undefined
      ? "Your next message here is the answer"
      : "Answer as a reply to this, or as you call a command";
  return `${where}; \`cancel\` drops it.`;
}

function isPrivate({ conversation, addressed }: Message): boolean {
  return conversation.kind === "direct" || addressed === "prompt";
}
