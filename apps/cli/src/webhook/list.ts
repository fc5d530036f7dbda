import { allows } from "@bellhop/api";
import { apiConfig } from "@bellhop/api/config";
import { buckets } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { withBus } from "../with-bus.ts";
import { hooksOf } from "./hooks.ts";

/** `bellhop webhook list`: with the keys that may send there, or the signature that bellhop.yaml of this folder asks for. */
export async function webhookList({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  const { listen, hooks: signed } = apiConfig(env);
  const url =
    listen === undefined ? undefined : `http://${listen.host.includes(":") ? `[${listen.host}]` : listen.host}:${listen.port}/v1/webhooks/`;
  return withBus<ExitCode>(env, "bellhop webhook list", async (bus) => {
    const keys = (await bus.bucket(buckets.apiKey).entries(">")).flatMap(({ value }) => (value.revokedAt === undefined ? [value] : []));
    const webhooks = (await hooksOf(bus)).map((hook) => {
      const signature = Object.hasOwn(signed, hook.path) ? signed[hook.path]?.signature : undefined;
      const may = keys.filter((key) => allows(key, { kind: "webhooks", path: hook.path })).map(({ name }) => name);
      // What is signed takes no key.
      return { ...hook, signature, keys: signature === undefined ? may : [] };
    });
    if (json) process.stdout.write(`${JSON.stringify({ ...(url === undefined ? {} : { url }), webhooks })}\n`);
    else if (webhooks.length === 0) note("No rule waits for a webhook.");
    else {
      printTable(
        ["PATH", "WHO MAY SEND", "RULES"],
        webhooks.map(({ path, on, off, keys: may, signature }) => [
          path,
          signature === undefined ? may.join(", ") || "nobody" : `signed as ${signature} signs`,
          [...on, ...off.map((rule) => `${rule} (off)`)].join(", "),
        ]),
      );
      const [without] = webhooks.filter(({ keys: may, signature }) => signature === undefined && may.length === 0);
      if (without !== undefined) note(`\`bellhop api-key create NAME --scope webhooks:${without.path}\` makes a key.`);
      note(url === undefined ? "The API is off here: api: { listen: 8080 } in bellhop.yaml." : `They come to ${url}PATH.`);
    }
    return 0;
  });
}
