import { ApiFile } from "@bellhop/api/config";
import { EngineFile, HistoryFile } from "@bellhop/engine";
import { PrefixFile, type PlatformSettings } from "@bellhop/gateway";
import { discordSettings } from "@bellhop/gateway-discord/config";
import { matrixSettings } from "@bellhop/gateway-matrix/config";
import { slackSettings } from "@bellhop/gateway-slack/config";
import { jsonSchema, packJsonSchemas, type JsonSchema } from "@bellhop/pack-loader/schemas";
import { RunnerFile } from "@bellhop/runner";
import { CommonFile, DatastoreFile, PackConfigFile } from "@bellhop/service";
import { PacksFile } from "./pack/settings.ts";
import { RunnersFile } from "./runners.ts";

/** JSON Schemas, draft 7, of every file that people write in YAML, by name: what editors complete and check with. Made of what reads the
 *  files. */
export function jsonSchemas(): Readonly<Record<string, JsonSchema>> {
  return { ...packJsonSchemas(), bellhop: bellhopYaml() };
}

function bellhopYaml(): JsonSchema {
  const folders = {
    type: "array",
    items: { type: "string" },
    description: "Folders that `up` watches: each a pack, or a folder of packs.",
  };
  const parts = [
    CommonFile,
    PrefixFile,
    EngineFile,
    ApiFile,
    HistoryFile,
    RunnerFile,
    RunnersFile,
    PacksFile,
    PackConfigFile,
    DatastoreFile,
  ].map(jsonSchema);
  const properties = parts.reduce((all, part) => joined(all, propertiesOf(part)), {});
  return {
    $schema: parts[0]?.["$schema"],
    title: "Bellhop",
    description: "An installation: who may do what, which chats it serves, what it keeps where. The environment wins over it.",
    type: "object",
    properties: {
      ...properties,
      // A list alone is short for its folders.
      packs: { anyOf: [folders, properties["packs"]] },
      ...Object.fromEntries([slackSettings, discordSettings, matrixSettings].map((settings) => [settings.platform, section(settings)])),
    },
    additionalProperties: false,
  };
}

/** Properties of several readers of one file: two may read parts of one section. */
function joined(all: JsonSchema, more: JsonSchema): JsonSchema {
  const both = Object.keys(more).filter((name) => name in all);
  const sections = both.map((name) => [
    name,
    { ...asSchema(all[name]), properties: joined(propertiesOf(all[name]), propertiesOf(more[name])) },
  ]);
  return { ...all, ...more, ...Object.fromEntries(sections) };
}

/** A chat platform's section: the settings of its default account, and accounts with names. Any of them may stand in the environment. */
function section({ platform, schema }: PlatformSettings<unknown>): JsonSchema {
  const account = { type: ["object", "null"], properties: propertiesOf(jsonSchema(schema)), additionalProperties: false };
  const accounts = {
    type: "object",
    additionalProperties: account,
    description: "Further accounts, by name: small letters, digits and dashes.",
  };
  return {
    ...account,
    properties: { ...account.properties, accounts },
    description: `See docs/platforms/${platform}.md. Tokens are better kept in the environment.`,
  };
}

function propertiesOf(schema: unknown): JsonSchema {
  return asSchema(asSchema(schema)["properties"]);
}

function asSchema(schema: unknown): JsonSchema {
  return typeof schema === "object" && schema !== null ? (schema as JsonSchema) : {};
}
