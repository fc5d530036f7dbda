import { z } from "zod";
import { ActionRef, Flag, identity, Ours, Text } from "./fields.ts";

// StackStorm's own files, field for field. What is read and not used yet stays in here, so that its packs load as they are. What is said of
// a field is what editors show: json-schemas.ts makes JSON Schema of these.

const Name = z.string().min(1);

/** Keys beyond these are allowed in pack.yaml, as there. */
export const PackYaml = z
  .looseObject({
    name: Name.describe("What the pack is called. Small letters, digits and _, unless `ref` is given."),
    ref: z
      .string()
      .regex(/^[a-z0-9_]+$/, "Small letters, digits and _ only.")
      .nullish()
      .describe("What stands before the dot in `pack.action`. Default: the name."),
    description: Text.describe("One line for people."),
    version: z.union([z.string(), z.number()]).describe("Such as 1.4.0."),
    author: Text.describe("Who wrote it."),
    email: Text.describe("Where to write to them."),
    keywords: z.array(z.string()).nullish().describe("What people may search for."),
    contributors: z.array(z.string()).nullish().describe("Who else: Name <mail@example.com>."),
    stackstorm_version: Text.describe("Not used: which releases of StackStorm it is for."),
    python_versions: z
      .array(z.union([z.string(), z.number()]))
      .nullish()
      .describe("Not used: which releases of Python it is for."),
    dependencies: z
      .array(z.string())
      .nullish()
      .describe("Other packs that its workflows call: `pack check` warns of those that are not named. They are installed one by one."),
    system: z.looseObject({}).nullish().describe("Not used: what its machines need."),
    files: z.array(z.string()).nullish().describe("Not used: written by StackStorm."),
    path: Text.describe("Not used: written by StackStorm."),
  })
  .meta({ title: "Pack", description: "Who a pack is." });

const JsonType = z.enum(["string", "integer", "number", "boolean", "object", "array", "null"]);

export const ParameterYaml = z
  .looseObject({
    type: z
      .union([JsonType, z.array(JsonType)])
      .optional()
      .describe("What people type becomes this. Default: text."),
    description: z.string().optional().describe("One line for people: help shows it."),
    required: z.boolean().optional().describe("Whether it has to be given. Default: no."),
    default: z.unknown().optional().describe("Taken where nothing is given. A text may use other parameters: {{ host }}."),
    enum: z.array(z.unknown()).optional().describe("The values that it may have."),
    secret: z.boolean().optional().describe("Sealed when it arrives, and shown as [secret] everywhere."),
    immutable: z.boolean().optional().describe("Whether the default stands, whatever is given."),
    position: z.int().optional().describe("Its place among a script's arguments, from 0. Absent: it has a name there."),
    minimum: z.number().optional().describe("The least that it may be."),
    maximum: z.number().optional().describe("The most that it may be."),
    minLength: z.int().min(0).optional().describe("How many characters it has at least."),
    maxLength: z.int().min(0).optional().describe("How many characters it has at most."),
    pattern: z.string().optional().describe("A regular expression, as Python has them, that fits somewhere in it."),
    minItems: z.int().min(0).optional().describe("How many items it has at least."),
    maxItems: z.int().min(0).optional().describe("How many items it has at most."),
    uniqueItems: z.boolean().optional().describe("Whether no item is there twice."),
    properties: z.record(z.string(), z.looseObject({})).optional().describe("The fields of an object: parameters again."),
  })
  .meta({ title: "Parameter", description: "A parameter: JSON Schema, where `required` stands on the property itself." });

/** What else a parameter may say: JSON Schema. A word that is close to one of these, and none of them, is a slip. */
export const schemaWords: readonly string[] = [
  ...Object.keys(ParameterYaml.shape),
  ...(
    "items additionalItems patternProperties additionalProperties dependencies anyOf oneOf allOf not exclusiveMinimum exclusiveMaximum " +
    "multipleOf format minProperties maxProperties title const"
  ).split(" "),
];

const NoticeYaml = z
  .strictObject({
    message: Text.describe("What is said: a template. Default: that the action is over."),
    routes: z
      .array(Name)
      .nullish()
      .describe(
        "Where: rooms of bellhop.yaml by name, slack:T1/C9, here, or a route that a rule on core.st2.generic.notifytrigger waits for.",
      ),
    channels: z.array(Name).nullish().describe("StackStorm's older word for routes."),
    data: z
      .looseObject({})
      .nullish()
      .describe("For rules on core.st2.generic.notifytrigger: templates. `extra` is shown beside the words."),
  })
  .nullish();

/** Who is told of an action's end. */
const NotifyYaml = z
  .strictObject({
    "on-complete": NoticeYaml.describe("However it ended."),
    "on-success": NoticeYaml.describe("Where it succeeded."),
    "on-failure": NoticeYaml.describe("Where it failed, was too slow, or was abandoned."),
    "on-cancel": NoticeYaml.describe("Where it was canceled, by a person or a policy."),
  })
  .describe("Who is told of its end, and where.");

export const ActionYaml = z
  .strictObject({
    name: Name.regex(/^[\w.-]+$/, "Letters, digits, `_`, `-` and `.` only.").describe("What stands after the dot in `pack.action`."),
    runner_type: Name.describe("The kind of action: what carries it out.").meta({ examples: ["local-shell-script", "local-shell-cmd"] }),
    description: Text.describe("One line for people: help shows it."),
    enabled: Flag.describe("Whether it can be run. Default: yes."),
    entry_point: Text.describe("Its script, as a path within actions/."),
    pack: Ours,
    parameters: z
      .record(z.string().regex(/^\w+$/, "Letters, digits and _ only."), ParameterYaml.nullable())
      .nullish()
      .describe("What it takes, by name."),
    output_schema: z
      .looseObject({})
      .nullish()
      .describe("JSON Schema of what it gives. Of a command: of the JSON that it prints. Replies are checked against it."),
    tags: z
      .array(z.union([z.string(), z.looseObject({ name: z.string() })]))
      .nullish()
      .describe("`repeatable`: an attempt whose runner was lost may be made again. Others are not used."),
    notify: NotifyYaml.nullish(),
    metadata_file: Ours,
    ref: Ours,
    uid: Ours,
  })
  .meta({ title: "Action", description: "An action whose work is a command or a script." });

/** `config.schema.yaml`: what a pack can be configured with, by name. */
export const ConfigYaml = z.record(z.string().regex(/^\w[\w-]*$/, "Letters, digits, `_` and `-` only."), ParameterYaml.nullable()).meta({
  title: "Configuration",
  description: "What the pack can be configured with, by name. `secret: true` is sealed; `bellhop pack config` sets the values.",
});

const LongFormat = z.strictObject({
  display: Text.describe("What help shows. Absent: help does not list it."),
  representation: z.union([z.string(), z.array(z.string())]).describe("What is matched: one text, or several."),
  match_multiple: Flag.describe("Whether one message may call it several times."),
});

const ShownExtra = {
  slack: z
    .unknown()
    .optional()
    .describe("A message of Slack's: the fields of one attachment, `attachments`, or `blocks`. Other platforms show it too."),
  discord: z.unknown().optional().describe("A message of Discord's: `embeds`. Other platforms show it too."),
  matrix: z.unknown().optional().describe("`cards` for Matrix alone."),
  cards: z.unknown().optional().describe("Cards for every platform: color, author, title, url, text, fields, image, thumbnail, footer."),
  color: z.unknown().optional().describe("For cards that have none: `#2eb67d`, good, warning or danger."),
};

/** `extra` is where adapters of StackStorm's chat find what is theirs; these words are ours. */
const AckExtra = z
  .looseObject({
    as: z.enum(["reaction", "typing", "message"]).nullish().describe("Default: a message where there are words, else a reaction."),
    ...ShownExtra,
  })
  .nullish();
const ResultExtra = z
  .looseObject({
    whisper: Flag.describe("Whether only who asked sees the reply."),
    live: Flag.describe("Whether chats show what the action prints while it works."),
    ...ShownExtra,
  })
  .nullish();

export const AliasYaml = z
  .strictObject({
    name: Name.regex(/^[\w.-]+$/, "Letters, digits, `_`, `-` and `.` only.").describe("What it is called in lists."),
    action_ref: ActionRef.describe("The action that it runs: PACK.ACTION."),
    formats: z
      .array(z.union([z.string(), LongFormat]))
      .min(1)
      .describe("What people type: `deploy {{ service }}`, `deploy {{ service }} {{ version = latest }}`."),
    ...identity,
    description: Text.describe("One line for people: help shows it."),
    enabled: Flag.describe("Whether it is listened to. Default: yes."),
    ack: z
      .strictObject({
        enabled: Flag.describe("Whether a command that takes a while is acknowledged. Default: yes."),
        format: Text.describe("The words of it: {{ execution.id }}, {{ asker.name }}. Absent: a reaction."),
        extra: AckExtra,
        append_url: Flag.describe(
          "Whether the words end with the address of the run's page, where the installation names one (runPage). Default: yes.",
        ),
      })
      .partial()
      .nullish()
      .describe("What is shown when the answer takes a while."),
    result: z
      .strictObject({
        enabled: Flag.describe("Whether the result is shown. Default: yes. That the work is done is said all the same."),
        format: Text.describe("The reply: {{ result.url }}, {{ execution.status }}, {{ asker.mention }}. Absent: a plain wording."),
        extra: ResultExtra,
      })
      .partial()
      .nullish()
      .describe("What is answered when the run has succeeded."),
    extra: z.looseObject(ShownExtra).nullish().describe("What holds for ack.extra and result.extra alike, where they don't say otherwise."),
    immutable_parameters: z.record(z.string(), z.unknown()).nullish().describe("Values that who types can't change, by parameter."),
    metadata_file: Ours,
  })
  .meta({ title: "Alias", description: "What people type, and which action it runs." });
