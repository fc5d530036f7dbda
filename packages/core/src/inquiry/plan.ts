import { fieldsOf, problem, type Inquiry, type Problem } from "@bellhop/contracts";
import { placesNamed, type Places } from "../run/place.ts";
import { askedFields } from "./fields.ts";

type PlannedInquiry = { kind: "ok"; inquiry: Inquiry } | { kind: "refused"; problem: Problem };

/** What an action of the kind `inquirer` asks, and where: `route` names rooms as announcements do, here where it names none.
 *  @param at.input checked: see `kinds` */
export function inquiryOf(at: { action: string; input: Readonly<Record<string, unknown>>; places: Places }): PlannedInquiry {
  const { action, input, places } = at;
  const { schema, route, message, ttl } = input;
  const wanted = typeof route === "string" && route !== "" ? route : "here";
  const place = placesNamed({ rooms: [wanted] }, places);
  if (place.kind === "refused") return place;
  const [to, ...also] = place.to;
  const thread = input["thread"];
  const below = typeof thread === "string" && thread !== "";
  const inquiry: Inquiry = {
    // In its thread, if it is said where it was asked.
    to: wanted === "here" && !below ? places.here : to,
    ...(also.length === 0 ? {} : { also }),
    ...(below ? { thread } : {}),
    text: "",
    schema: fieldsOf(schema),
    users: textsIn(input["users"]),
    roles: textsIn(input["roles"]),
    route: typeof route === "string" ? route : "",
    ttl: typeof ttl === "number" ? ttl : 1_440,
  };
  if (inquiry.ttl < 0)
    return {
      kind: "refused",
      problem: problem("parameter_invalid", { action, parameter: "ttl", found: String(ttl), expected: "minutes, or 0 for ever" }),
    };
  const text = typeof message === "string" && message.trim() !== "" ? message : questionOf(inquiry, action);
  return { kind: "ok", inquiry: { ...inquiry, text: text.slice(0, longest) } };
}

/** A card is to be read at once, and stands in each record until it is answered. */
const longest = 4_000;

/** What is asked where no words were given: what the fields say of themselves. */
function questionOf(inquiry: Inquiry, action: string): string {
  const described = Object.entries(askedFields(inquiry)).map(([name, { description = "" }]) => ({ name, description }));
  const [only, more] = described;
  if (only === undefined) return `${action} waits for you.`;
  if (more === undefined) return only.description === "" ? `${only.name}?` : only.description;
  return described.map(({ name, description }) => `- ${name}${description === "" ? "" : `: ${description}`}`).join("\n");
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
