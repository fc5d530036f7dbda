import {
  hash,
  identityOf,
  postSendKey,
  pressId,
  type Address,
  type Body,
  type Choice,
  type Choices,
  type Inquiry,
  type Meaning,
  type Person,
  type Press,
  type Run,
  type Send,
  type Task,
} from "@bellhop/contracts";
import { code } from "../reply/words.ts";
import { roomOf } from "../run/place.ts";
import { askedFields, formOf, optionsOf, secretsOf } from "./fields.ts";

/** An inquiry and where it comes from: `task` is the task's key. */
export interface Asking {
  readonly run: Pick<Run, "id" | "action" | "answers" | "replyTo">;
  readonly task: string;
  readonly attempt: number;
  readonly inquiry: Inquiry;
}

export function askingOf(run: Run, task: string, { attempt, asks }: Task): Asking | undefined {
  return asks && { run, task, attempt, inquiry: asks };
}

/** What is asked, where people see it, with what they can press; and what that means.
 *  @param at since when, ISO 8601 */
export function cardsOf(asking: Asking, at: string): { sends: Send[]; press: Press } {
  const { run, inquiry: asks } = asking;
  const { choices, press } = pressOf(asking);
  const until = asks.ttl === 0 ? {} : { until: new Date(Date.parse(at) + asks.ttl * 60_000).toISOString() };
  const inquiry = { action: run.action, asks, at, ...until };
  const body: Body = { text: `${asking.inquiry.text}\n\n${aboutWords(asking)}`, tone: "info", choices };
  return { sends: roomsOf(asking).map((room) => cardSend(asking, room, { revision: 1, body })), press: { ...press, inquiry } };
}

/** The same once it is over: nothing can be pressed, and it says what came of it. Without an answer `why` says it. */
export function closedCards(asking: Asking, why: string): { sends: Send[]; press: Press } {
  const { answered, text } = asking.inquiry;
  const sends = roomsOf(asking).map((room) => {
    // Platforms whose people carry no name have a mention for it, which calls nobody in an edit.
    const isMentioned = answered !== undefined && answered.by.name === undefined && answered.by.platform === room.platform;
    const over = answered === undefined ? why : answeredWords(answered, isMentioned ? "{who}" : nameOf(answered.by));
    const mentions = isMentioned ? { mentions: [{ token: "{who}", person: answered.by.id }] } : {};
    return cardSend(asking, room, { revision: 2, body: { text: `${text}\n\n${over}`, tone: "info", ...mentions } });
  });
  const said = answered === undefined ? why : answeredWords(answered, nameOf(answered.by));
  return { sends, press: { ...pressOf(asking).press, over: said } };
}

/** Who answered what. */
export function answeredWords({ words }: NonNullable<Inquiry["answered"]>, who: string): string {
  return `Answered by ${who}: ${words}.`;
}

export function nameOf(person: Person): string {
  return person.name ?? identityOf(person);
}

/** What an answer says, in Markdown: the button that stands for it, or its fields, secrets masked. */
export function answerWords(asking: Asking, response: Readonly<Record<string, unknown>>): string {
  const { items, means } = offersOf(asking);
  const same = items.findIndex((item, at) => item.kind === "button" && isSameResponse(means[at], response));
  const button = items[same];
  if (button !== undefined) return button.label;
  const secrets = secretsOf(asking.inquiry);
  const fields = Object.entries(response).map(([name, value]) => `${name}: ${secrets.has(name) ? "[secret]" : code(shortened(value))}`);
  return fields.length === 0 ? "nothing" : fields.join(", ");
}

function roomsOf({ inquiry: { to, also = [] } }: Asking): Address[] {
  return [to, ...also];
}

function cardSend({ run, task, attempt, inquiry }: Asking, room: Address, rest: Pick<Send, "revision" | "body">): Send {
  const { to, only, thread } = inquiry;
  const { platform, account } = room;
  const key = `${run.id}/asks/${task}/${attempt}`;
  // It is nobody's answer, so it is never the last word on anything: the run itself answers.
  return {
    v: 1,
    key: room === to ? key : `${key}/${hash(roomOf(room)).slice(0, 16)}`,
    platform,
    account,
    to: room,
    ...(thread === undefined ? {} : { under: postSendKey(thread, room) }),
    ...(only === undefined ? {} : { only }),
    run: run.id,
    final: false,
    refusalTo: run.replyTo,
    ...rest,
  };
}

function aboutWords({ run, inquiry }: Asking): string {
  const { users, roles, ttl } = inquiry;
  const whose = [...users.map(code), ...roles.map((role) => `the role ${code(role)}`)].join(", ");
  const who = whose === "" ? "" : ` Only for ${whose}.`;
  const until = ttl === 0 ? "" : ` It waits ${lengthOf(ttl)} at most.`;
  return `Asked by ${run.action}, run \`${run.id}\`.${who}${until}`;
}

function pressOf(asking: Asking): { choices: Choices; press: Press } {
  const { run, task, attempt, inquiry } = asking;
  const id = pressId(`${run.id}/${task}/${attempt}`);
  const { items, means, words } = offersOf(asking, id.slice(0, 4));
  const form = formOf(inquiry);
  return {
    choices: { press: id, items },
    press: { v: 1, id, means, words, ...placesOf(inquiry), ...(form === undefined ? {} : { form }) },
  };
}

function placesOf({ to, also }: Inquiry): Pick<Press, "to" | "also"> {
  return { to, ...(also === undefined ? {} : { also }) };
}

interface Offers {
  items: Choice[];
  means: Meaning[];
  words: string[][];
}

/** Two buttons for a yes or no, one for each of a few things to pick, a select for more, and a form for everything else. */
function offersOf({ run, task, attempt, inquiry }: Asking, id = ""): Offers {
  const fields = Object.entries(askedFields(inquiry));
  const meaning = (response: Record<string, unknown>): Meaning => ({ kind: "answer", run: run.id, task, attempt, response });
  const [only] = fields;
  const isAlone = fields.length === 1 && only !== undefined && only[1].secret !== true;
  if (isAlone && only[1].type === "boolean" && only[1].enum === undefined) {
    const [name] = only;
    return {
      items: [
        { kind: "button", label: "Approve", style: "primary", words: `approve ${id}` },
        { kind: "button", label: "Deny", style: "danger", words: `deny ${id}` },
      ],
      means: [meaning({ [name]: true }), meaning({ [name]: false })],
      words: [
        ["approve", "yes", "accept"],
        ["deny", "no", "reject"],
      ],
    };
  }
  const options = isAlone ? optionsOf(only[1]) : undefined;
  const isPickable = options !== undefined && options.length <= mostOptions && options.every(({ value }) => value.length <= longestValue);
  if (isAlone && isPickable && options.length <= mostButtons) {
    const [name, { enum: choice = [] }] = only;
    return {
      items: options.map(({ label, value }) => ({
        kind: "button",
        label,
        words: /^\S+$/.test(value) ? `${value} ${id}` : `answer ${id} ${name}=${JSON.stringify(value)}`,
      })),
      means: choice.map((value) => meaning({ [name]: value })),
      words: options.map(({ value }) => [value.toLowerCase()]),
    };
  }
  if (isAlone && isPickable) {
    const [name] = only;
    return {
      items: [{ kind: "select", label: name, options, words: `answer ${id} ${name}=` }],
      means: [{ kind: "answer", run: run.id, task, attempt, response: {}, field: name }],
      words: [[]],
    };
  }
  const pairs = fields.filter(([, { required }]) => required === true).map(([name]) => ` ${name}=…`);
  const words = `answer ${id}${(pairs.length > 0 ? pairs : fields.map(([name]) => ` ${name}=…`)).join("")}`;
  return {
    items: [{ kind: fields.length === 0 ? "button" : "form", label: "Answer", style: "primary", words }],
    means: [meaning({})],
    words: [[]],
  };
}

/** A row of buttons, and what every platform's selects take. */
const mostButtons = 5;
const mostOptions = 25;
const longestValue = 75;

function isSameResponse(meaning: Meaning | undefined, response: Readonly<Record<string, unknown>>): boolean {
  return meaning?.kind === "answer" && JSON.stringify(meaning.response) === JSON.stringify(response);
}

function shortened(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Minutes in words. */
export function lengthOf(minutes: number): string {
  const [count, unit] =
    minutes >= 2_880 ? [Math.round(minutes / 1_440), "day"] : minutes >= 120 ? [Math.round(minutes / 60), "hour"] : [minutes, "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
