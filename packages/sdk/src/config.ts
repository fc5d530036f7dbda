import { z } from "zod";
import type { InputNames, InputShape } from "./action.ts";
import { brand, isBranded } from "./brand.ts";

/** What a pack can be configured with, as `defineConfig` makes it: its fields as one schema, and which of them are secret. */
export interface Config<Fields extends InputShape | z.ZodObject = InputShape> {
  readonly [brand]: "config";
  readonly fields: Fields;
  readonly schema: z.ZodObject;
  readonly secrets: readonly InputNames<Fields>[];
}

/** Any configuration, whatever its fields are. */
export interface AnyConfig {
  readonly [brand]: "config";
  readonly schema: z.ZodObject;
  readonly secrets: readonly string[];
}

/** The values of a configuration, as an action that names it is given them: `ConfigValues<typeof config>`. */
export type ConfigValues<C extends { readonly fields: InputShape | z.ZodObject }> = C["fields"] extends z.ZodObject
  ? z.output<C["fields"]>
  : C["fields"] extends z.core.$ZodLooseShape
    ? z.output<z.ZodObject<C["fields"]>>
    : never;

/** Defines what a pack can be configured with. It stands in `config.ts` beside `pack.yaml`, which exports it as default; an action that names it is
 *  given the values, typed.
 *
 *      // config.ts, there as `export default`; actions have it by `import config from "../config.ts";`
 *      import { defineAction, defineConfig, z } from "@bellhop/sdk";
 *
 *      const config = defineConfig({ url: z.url().default("https://api.example.com"), token: z.string() }, { secrets: ["token"] });
 *
 *      export default defineAction({
 *        description: "Deploy",
 *        config,
 *        run: async ({ config: { url, token } }) => (await fetch(url, { headers: { authorization: token } })).status,
 *      });
 *
 *  @param fields must be representable as JSON Schema, as an action's input. Without a default and not optional: required
 *  @param options.secrets fields that are sealed where they are stored and shown as `[secret]` everywhere */
export function defineConfig<const Fields extends InputShape | z.ZodObject>(
  fields: Fields,
  options: { readonly secrets?: readonly InputNames<NoInfer<Fields>>[] } = {},
): Config<Fields> {
  const schema = fields instanceof z.ZodObject ? fields : z.object(fields as z.core.$ZodLooseShape);
  return { [brand]: "config", fields, schema, secrets: options.secrets ?? [] };
}

/** Whether a value was made by `defineConfig`, of this or another copy of this package. */
export function isConfig(value: unknown): value is AnyConfig {
  return isBranded(value, "config");
}
