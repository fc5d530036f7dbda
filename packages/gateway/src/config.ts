import { commonConfig, loadConfig, Secret, type CommonConfig, type Env } from "@bellhop/service";
import { z } from "zod";
import { usualPrefixes, type Prefixes } from "./addressing.ts";

export interface GatewayConfig<Settings> extends CommonConfig {
  prefixes: Prefixes;
  /** At least one. */
  accounts: readonly NamedAccount<Settings>[];
}

/** `name` is what the configuration calls it; `default` where it needs no name. */
type NamedAccount<Settings> = Settings & { readonly name: string };

/** What a platform has to know of each account. Its setting `botToken` is BELLHOP_SLACK_BOT_TOKEN or `slack.botToken` for the default account,
 *  BELLHOP_SLACK_ACME_BOT_TOKEN or `slack.accounts.acme.botToken` for the one that is called acme. */
export interface PlatformSettings<Settings> {
  /** As bellhop.yaml calls it. */
  readonly platform: string;
  /** Settings that make an account. */
  readonly secrets: readonly string[];
  /** Further settings that each account has for itself. */
  readonly own?: readonly string[];
  /** Settings that an account takes from the default one where it has none. */
  readonly shared: readonly string[];
  /** Of one account. What comes from the environment is text. */
  readonly schema: z.ZodType<Settings>;
}

/** Reads the environment and bellhop.yaml; the environment wins. All faults at once, each by its variable or its place in the file.
 *  @throws Problem config_invalid */
export function gatewayConfig<Settings extends object>(env: Env, of: PlatformSettings<Settings>): GatewayConfig<Settings> {
  const common = commonConfig(env, "gateway");
  const faults: Fault[] = [];
  const prefixes = readPrefixes(common.file, faults);
  const accounts = readAccounts({ env, of, section: common.file[of.platform], faults });
  return loadConfig({
    schema: z.unknown().transform((_, context) => {
      for (const { name, message } of faults) context.addIssue({ code: "custom", path: [name], message });
      return { ...common, prefixes, accounts };
    }),
    values: undefined,
    where: `the environment or bellhop.yaml; docs/platforms/${of.platform}.md says more`,
  });
}

/** Whether there is a secret for any account of this platform. */
export function hasAccounts(env: Env, at: { of: PlatformSettings<unknown>; file: CommonConfig["file"] }): boolean {
  const { platform, secrets } = at.of;
  const { accounts = {}, ...values } = Section.safeParse(at.file[platform]).data ?? {};
  const inFile = [values, ...Object.values(accounts)].some((one) => secrets.some((secret) => one[secret] !== undefined));
  return inFile || Object.keys(env).some((name) => env[name] !== "" && secretOf(name, { platform, secrets }) !== undefined);
}

interface Fault {
  /** The variable, or the place in bellhop.yaml. */
  name: string;
  message: string;
}

/** Where a setting may stand. */
interface Source {
  nameOf(setting: string): string;
  valueOf(setting: string): unknown;
}

const Prefix = z
  .string({ error: 'expected in quotes what a command in a room begins with, such as "!"' })
  .regex(/^[^\s][^\n]{0,31}$/, 'expected up to 32 characters that begin with no blank, such as "!"');

/** What all gateways read of bellhop.yaml, their platforms' own sections aside. */
export const PrefixFile = z.object({
  prefix: Prefix.default(usualPrefixes.general).describe("What a command in a room begins with."),
  prefixes: z
    .record(z.string(), Prefix)
    .superRefine((prefixes, context) => {
      for (const room of Object.keys(prefixes))
        if (!/^[a-z]+:./.test(room))
          context.addIssue({ code: "custom", path: [room], message: "expected platform:channel, such as slack:C0123ABCD" });
    })
    .default({ ...usualPrefixes.rooms })
    .describe("What it begins with in some rooms, by platform:channel, such as slack:C0123ABCD."),
});

const Values = z.preprocess((value) => value ?? {}, z.record(z.string(), z.unknown()));
const Section = z.preprocess((value) => value ?? {}, z.object({ accounts: z.record(z.string(), Values).optional() }).catchall(z.unknown()));

function readPrefixes(file: CommonConfig["file"], faults: Fault[]): Prefixes {
  const { data, error } = PrefixFile.safeParse(file);
  for (const { path, message } of error?.issues ?? []) faults.push({ name: path.join("."), message });
  return data === undefined ? usualPrefixes : { general: data.prefix, rooms: data.prefixes };
}

function readAccounts<Settings extends object>(at: {
  env: Env;
  of: PlatformSettings<Settings>;
  section: unknown;
  faults: Fault[];
}): NamedAccount<Settings>[] {
  const { env, of, faults } = at;
  const { platform, secrets } = of;
  const { data: section, error } = Section.safeParse(at.section);
  for (const { path, message } of error?.issues ?? []) faults.push({ name: [platform, ...path].join("."), message });
  const { accounts: named = {}, ...unnamed } = section ?? {};

  const inEnv = (name?: string): Source => {
    const nameOf = (setting: string) => variable(platform, setting, name);
    return { nameOf, valueOf: (setting) => env[nameOf(setting)] || undefined };
  };
  const inFile = (values: Record<string, unknown>, name?: string): Source => {
    const place = name === undefined ? platform : `${platform}.accounts.${name}`;
    for (const key of Object.keys(values)) if (!settingsOf(of).includes(key)) faults.push(mistyped(`${place}.${key}`, of));
    return { nameOf: (setting) => `${place}.${setting}`, valueOf: (setting) => values[setting] };
  };

  const general = [inEnv(), inFile(unnamed)];
  const isGeneralGiven = secrets.some((secret) => general.some((source) => source.valueOf(secret) !== undefined));
  const accounts = Object.entries(named).map(([name, values]) => {
    if (!/^(?!default$)[a-z][a-z0-9-]*$/.test(name))
      faults.push({
        name: `${platform}.accounts.${name}`,
        message: "an account is named by small letters, digits and dashes, and not default",
      });
    return readAccount({ name, of, sources: [inEnv(name), inFile(values, name)], general, faults });
  });
  if (isGeneralGiven || accounts.length === 0)
    accounts.unshift(readAccount({ name: "default", of, sources: general, general: [], faults }));
  for (const variableName of Object.keys(env)) {
    const name = secretOf(variableName, { platform, secrets });
    if (name !== undefined && name !== "" && !Object.keys(named).some((known) => environmentName(known) === name))
      faults.push({ name: variableName, message: `bellhop.yaml has no account of that name under ${platform}.accounts` });
  }
  return accounts.filter((account) => account !== undefined);
}

function readAccount<Settings extends object>(at: {
  name: string;
  of: PlatformSettings<Settings>;
  sources: readonly Source[];
  general: readonly Source[];
  faults: Fault[];
}): NamedAccount<Settings> | undefined {
  const { name, of, sources, general, faults } = at;
  const foundIn = (setting: string) =>
    [...sources, ...(of.shared.includes(setting) ? general : [])].find((source) => source.valueOf(setting) !== undefined);
  const values = Object.fromEntries(settingsOf(of).map((setting) => [setting, revealed(foundIn(setting)?.valueOf(setting))]));
  const { data, error } = of.schema.safeParse(values);
  for (const { path, message } of error?.issues ?? []) {
    const [setting = "", ...rest] = path.map(String);
    faults.push({ name: [(foundIn(setting) ?? sources[0])?.nameOf(setting) ?? setting, ...rest].join("."), message });
  }
  return data && { ...data, name };
}

function settingsOf({ secrets, own = [], shared }: PlatformSettings<unknown>): string[] {
  return [...secrets, ...own, ...shared];
}

function mistyped(name: string, of: PlatformSettings<unknown>): Fault {
  return { name, message: `there is no such setting; there are ${settingsOf(of).join(", ")}` };
}

function revealed(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value;
}

/** `BELLHOP_SLACK_ACME_BOT_TOKEN` */
function variable(platform: string, setting: string, account?: string): string {
  return ["BELLHOP", platform, ...(account === undefined ? [] : [account]), setting.replace(/[A-Z]/g, "_$&")]
    .map(environmentName)
    .join("_");
}

function environmentName(name: string): string {
  return name.replaceAll("-", "_").toUpperCase();
}

/** The account whose secret a variable holds, as the variable writes it: empty for the default one; undefined where it is no such variable. */
function secretOf(name: string, { platform, secrets }: { platform: string; secrets: readonly string[] }): string | undefined {
  const prefix = variable(platform, "");
  for (const secret of secrets) {
    const suffix = variable(platform, secret).slice(prefix.length);
    if (name === prefix + suffix) return "";
    if (name.startsWith(prefix) && name.endsWith(`_${suffix}`)) return name.slice(prefix.length, -suffix.length - 1);
  }
  return undefined;
}
