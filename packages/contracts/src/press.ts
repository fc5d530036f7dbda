import { z } from "zod";
import { Address, Person } from "./message.ts";

/** One of several things that can be picked. */
export const Option = z.object({ label: z.string(), value: z.string() });
export type Option = z.infer<typeof Option>;

/** One field of a form. What is written or picked is text, whatever it stands for. */
export const Field = z.object({
  name: z.string(),
  label: z.string(),
  hint: z.string().optional(),
  /** With them it is picked, not written. */
  options: z.array(Option).min(1).optional(),
  required: z.boolean(),
  /** What it says to begin with. */
  value: z.string().optional(),
});
export type Field = z.infer<typeof Field>;

export const Form = z.object({ title: z.string(), fields: z.array(Field).min(1) });
export type Form = z.infer<typeof Form>;

/** Something below a text that can be pressed. `words` do the same where they are typed. */
export const Choice = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("button"), label: z.string(), style: z.enum(["primary", "danger"]).optional(), words: z.string() }),
  /** `words` end in `=`: the value follows. */
  z.object({ kind: z.literal("select"), label: z.string(), options: z.array(Option).min(1), words: z.string() }),
  /** Opens the form of its {@link Press}. */
  z.object({ kind: z.literal("form"), label: z.string(), style: z.enum(["primary", "danger"]).optional(), words: z.string() }),
]);
export type Choice = z.infer<typeof Choice>;

/** What can be pressed below a text. `press` is all that a platform learns of what it means: see {@link Press}. */
export const Choices = z.object({ press: z.string(), items: z.array(Choice).min(1) });
export type Choices = z.infer<typeof Choices>;

/** What a choice means. It is asked of the run by whoever pressed, and the run decides. */
export const Meaning = z.discriminatedUnion("kind", [
  /** Answers an inquiry. What is picked or filled in goes into `response` besides: a select's value into `field`. */
  z.object({
    kind: z.literal("answer"),
    run: z.string(),
    task: z.string(),
    attempt: z.int().min(1),
    response: z.record(z.string(), z.unknown()),
    field: z.string().optional(),
  }),
  z.object({ kind: z.literal("cancel"), run: z.string() }),
  z.object({ kind: z.literal("pause"), run: z.string() }),
  z.object({ kind: z.literal("resume"), run: z.string() }),
  /** A workflow that is over goes on with the tasks that failed. */
  z.object({ kind: z.literal("again"), run: z.string() }),
]);
export type Meaning = z.infer<typeof Meaning>;

/** What people are asked, and who may answer. */
export const Inquiry = z.object({
  to: Address,
  /** Where else it is asked: one answer counts, wherever it is given. */
  also: z.array(Address).optional(),
  /** The name of what was posted, below which it is asked: see {@link Posting}. */
  thread: z.string().optional(),
  /** Only this person (their id on the platform) sees it. */
  only: z.string().optional(),
  /** CommonMark. */
  text: z.string(),
  /** What an answer has to be, as it was given: JSON Schema, or fields by name. */
  schema: z.record(z.string(), z.unknown()),
  /** None: whoever may run the action that asks. */
  users: z.array(z.string()),
  roles: z.array(z.string()),
  route: z.string(),
  /** Minutes until nobody can answer any more; 0: for ever. */
  ttl: z.number().min(0),
  /** The first answer, which counts; `words` is it in Markdown, secrets masked. */
  answered: z.object({ by: Person, words: z.string(), at: z.iso.datetime() }).optional(),
});
export type Inquiry = z.infer<typeof Inquiry>;

/** What the choices of one send mean, in their order. Nobody may press because of it: that is decided from the run. */
export const Press = z.object({
  v: z.literal(1),
  id: z.string(),
  means: z.array(Meaning),
  /** For each of them the words that do the same where they are typed before the id: lower case. */
  words: z.array(z.array(z.string())),
  /** What its choice of the kind `form` opens. */
  form: Form.optional(),
  /** Where it stands, and where else. */
  to: Address,
  also: z.array(Address).optional(),
  /** Of an inquiry: what is asked since when, and until when, for whoever looks for what waits. */
  inquiry: z.object({ action: z.string(), asks: Inquiry, at: z.iso.datetime(), until: z.iso.datetime().optional() }).optional(),
  /** What became of it, in Markdown: nothing can be pressed any more. */
  over: z.string().optional(),
});
export type Press = z.infer<typeof Press>;
