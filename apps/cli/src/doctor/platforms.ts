import type { Inspection } from "@bellhop/gateway";
import type { Env } from "@bellhop/service";
import { platforms } from "../platforms.ts";
import { clockCheck, within, type Check } from "./check.ts";

/** Each account of each platform that this installation has tokens for. */
export async function platformChecks(env: Env): Promise<readonly Check[]> {
  const groups = await Promise.all(
    platforms
      .filter((platform) => platform.isWanted(env))
      .map((platform) =>
        within(platform.name, async (signal) => {
          const accounts = await platform.accounts(env);
          return (
            await Promise.all(
              accounts.map((account) => within(account.name, async () => checksOf(account.name, await account.inspect(signal)))),
            )
          ).flat();
        }),
      ),
  );
  return groups.flat();
}

/** @param name of the account: `slack acme` */
export function checksOf(name: string, { found, faults, skewMs }: Inspection): Check[] {
  const clock = skewMs === undefined ? [] : [clockCheck(name, skewMs)].filter(({ state }) => state !== "ok");
  if (faults.length === 0) return [{ name, state: "ok", found }, ...clock];
  return [...faults.map(({ what, hint, grave }): Check => ({ name, state: grave ? "bad" : "odd", found: what, hint })), ...clock];
}
