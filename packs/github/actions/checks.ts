import { code, defineAction, z } from "@bellhop/sdk";
import { Check, checkTable, checksInWords, checksOf } from "../checks.ts";
import config from "../config.ts";
import { askGitHub } from "../github.ts";
import { numberOf, repoInput, repositoryOf } from "../reference.ts";

export default defineAction({
  description: "Tell how the checks of a pull request, a branch or a commit went",
  config,
  input: {
    of: z.string().min(1).describe("A pull request (12, owner/name#12 or its address), or a branch, tag or commit."),
    repo: repoInput,
  },
  output: z.object({
    /** The commit, as it was found or asked for. */
    ref: z.string(),
    /** Nothing failed and nothing is running. */
    passed: z.boolean(),
    checks: z.array(Check),
    /** The same for people, in Markdown. */
    text: z.string(),
  }),
  repeatable: true,
  run: async ({ input: { of, repo: given }, config, log, signal }) => {
    const pull = /^(\S*#)?\d{1,6}$|\/pull\/\d+/.test(of) ? numberOf(of, { repo: given, usual: config.repo }) : undefined;
    const { owner, repo } = pull ?? repositoryOf(given, config.repo);
    const what = pull === undefined ? `${owner}/${repo} with ${of}` : `${owner}/${repo}#${pull.number}`;
    return await askGitHub({ config, log, signal, what }, async (github) => {
      const ref = pull === undefined ? of : await headOf(pull.number);
      const checks = await checksOf(github, { owner, repo, ref });
      const shown = pull === undefined ? code(of) : `${what} (${code(ref.slice(0, 7))})`;
      const words = `${shown}: ${checksInWords(checks)}.`;
      const passed = checks.every(({ outcome }) => outcome === "passed");
      return { ref, passed, checks, text: checks.length === 0 ? words : `${words}\n\n${checkTable(checks)}` };

      async function headOf(number: number): Promise<string> {
        const { data } = await github.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", { owner, repo, pull_number: number });
        return data.head.sha;
      }
    });
  },
});
