import { fieldsOf, type Notice, type Notify } from "@bellhop/contracts";

/** Who YAML says is told of the end of an action or a task. Undefined where nobody is. */
export function notifyOf(given: unknown): Notify | undefined {
  const parts = Object.entries(words).flatMap(([word, part]) => {
    const notice = noticeOf(fieldsOf(given)[word]);
    return notice === undefined ? [] : [[part, notice] as const];
  });
  return parts.length === 0 ? undefined : Object.fromEntries(parts);
}

/** StackStorm's words, and one of our own. */
const words: Readonly<Record<string, keyof Notify>> = {
  "on-complete": "complete",
  "on-success": "success",
  "on-failure": "failure",
  "on-cancel": "cancel",
};

/** One that is told nowhere is none. */
function noticeOf(given: unknown): Notice | undefined {
  const { message, routes, channels, data } = fieldsOf(given);
  const named = [routes, channels].find((list) => Array.isArray(list) && list.length > 0);
  const told = (Array.isArray(named) ? named : []).filter((route): route is string => typeof route === "string" && route !== "");
  if (told.length === 0) return undefined;
  return {
    routes: told,
    ...(typeof message === "string" && message !== "" ? { message } : {}),
    ...(Object.keys(fieldsOf(data)).length === 0 ? {} : { data: { ...fieldsOf(data) } }),
  };
}
