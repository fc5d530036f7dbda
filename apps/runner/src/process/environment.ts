import { markVariable } from "./mark.ts";

/** What pack code finds in its environment: where programs are, the user's home, language and clock. No credentials and nothing of ours, except
 *  the mark. */
export function scrubbedEnvironment(own: Readonly<Record<string, string | undefined>>, mark: string): Record<string, string> {
  const kept: Record<string, string> = { PATH: own.PATH ?? "/usr/local/bin:/usr/bin:/bin", [markVariable]: mark };
  for (const name of ["HOME", "LANG", "TZ", "TMPDIR"]) {
    const value = own[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
