import { problem, type Question } from "@bellhop/contracts";
import { plainText } from "../alias/format.ts";
import { unquoted } from "../alias/pairs.ts";
import { code } from "../reply/words.ts";
import { castValue } from "../run/cast.ts";
import { parametersOf } from "../run/parameters.ts";
import { findAction } from "../run/plan.ts";
import { asks } from "./ask.ts";
import { callAlias } from "./call.ts";
import { wordsOf } from "./reword.ts";
import { refuse, type Received, type Verdict } from "./verdict.ts";

/** What a message leads to whose author was asked something: it is the answer, or the end of the question. */
export function answers(at: Received, question: Question): Verdict {
  const [name = "", ...lacks] = question.lacks;
  const text = wordsOf(at.message);
  if (/^cancel$/i.test(text)) {
    return { kind: "answer", body: { text: `${question.action} was not run.`, tone: "info" }, outcome: "ok" };
  }
  const alias = at.catalog.aliases.find(({ definition }) => definition.ref === question.alias && definition.action === question.action);
  if (alias === undefined) return refuse(problem("question_gone", { alias: question.alias }));
  const found = findAction(at.catalog, question.action);
  if (found.kind === "refused") return refuse(found.problem);
  const { action } = found;
  const value = unquoted(plainText(text));
  const cast = castValue(value, parametersOf(action)[name] ?? {});
  if (cast.kind === "refused" || text === "") {
    const why = `That does not fit: ${code(name)} takes ${cast.kind === "refused" ? cast.expected : 'some text, `""` for none'}.`;
    return asks(at, { alias, action, input: question.input, lacks: question.lacks }, why);
  }
  return callAlias(at, { alias, params: { ...question.input, [name]: value }, lacks });
}
