import { code, defineAction, z } from "@bellhop/sdk";
import { Check, checksInWords, checksOf } from "../checks.ts";
import config from "../config.ts";
import { askGitHub } from "../github.ts";
import { Pull, pullOf } from "../pull.ts";
import { numberOf, repoInput } from "../reference.ts";
import { beginning, day, link } from "../words.ts";

export default defineAction({
  description: "Show a pull request, and how its checks went",
  config,
  input: { pull: z.string().min(1).describe("12, owner/name#12 or its address."), repo: repoInput },
  output: Pull.extend({
    body: z.string(),
    /** Whether it can be merged; absent while GitHub does not know yet, and where it is closed. */
    mergeable: z.boolean().optional(),
    checks: z.array(Check),
    /** The same for people, in Markdown. */
    text: z.string(),
  }),
  repeatable: true,
  run: async ({ input, config, log, signal }) => {
    const { owner, repo, number } = numberOf(input.pull, { repo: input.repo, usual: config.repo });
    const what = `${owner}/${repo}#${number}`;
    return await askGitHub({ config, log, signal, what }, async (github) => {
      const { data } = await github.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", { owner, repo, pull_number: number });
      const pull = { ...pullOf(data), body: data.body ?? "", ...(data.mergeable === null ? {} : { mergeable: data.mergeable }) };
      const checks = await checksOf(github, { owner, repo, ref: pull.sha });
      return { ...pull, checks, text: inWords(pull, { what, checks }) };
    });
  },
});

type Shown = Pull & { body: string; mergeable?: boolean };

function inWords(pull: Shown, { what, checks }: { what: string; checks: readonly Check[] }): string {
  const { title, state, draft, author, head, base, reviewers, created_at, url, body, mergeable } = pull;
  const facts = [
    draft && state === "open" ? "draft" : state,
    `by ${author} on ${day(created_at)}`,
    `${code(head)} into ${code(base)}`,
    ...(reviewers.length > 0 ? [`waits for ${reviewers.join(", ")}`] : []),
    ...(state === "open" && mergeable === false ? ["has conflicts"] : []),
    checksInWords(checks),
  ];
  return [`${link(what, url)} **${title}**`, facts.join(" · "), ...(body === "" ? [] : ["", beginning(body, 1_500)])].join("\n");
}
