import { defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { askGitHub } from "../github.ts";
import { numberOf, repoInput } from "../reference.ts";

export default defineAction({
  description: "Comment on an issue or a pull request",
  config,
  input: {
    issue: z.string().min(1).describe("12, owner/name#12 or its address."),
    text: z.string().min(1).describe("What there is to say, in Markdown."),
    repo: repoInput,
  },
  output: z.object({ issue: z.string(), url: z.string() }),
  run: async ({ input, config, log, signal }) => {
    const { owner, repo, number } = numberOf(input.issue, { repo: input.repo, usual: config.repo });
    const what = `${owner}/${repo}#${number}`;
    return await askGitHub({ config, log, signal, what }, async (github) => {
      const asked = { owner, repo, issue_number: number, body: input.text };
      const { data } = await github.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", asked);
      return { issue: what, url: data.html_url };
    });
  },
});
