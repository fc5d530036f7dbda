import { defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { askGitHub } from "../github.ts";
import { Issue, issueOf } from "../issue.ts";
import { numberOf, repoInput } from "../reference.ts";

export default defineAction({
  description: "Close an issue",
  config,
  input: {
    issue: z.string().min(1).describe("12, owner/name#12 or its address."),
    reason: z.enum(["completed", "not_planned", "duplicate"]).default("completed").describe("Why."),
    repo: repoInput,
  },
  output: Issue,
  // What is closed stays closed when it is closed again.
  repeatable: true,
  run: async ({ input, config, log, signal }) => {
    const { owner, repo, number } = numberOf(input.issue, { repo: input.repo, usual: config.repo });
    return await askGitHub({ config, log, signal, what: `${owner}/${repo}#${number}` }, async (github) => {
      const asked = { owner, repo, issue_number: number, state: "closed", state_reason: input.reason } as const;
      const { data } = await github.request("PATCH /repos/{owner}/{repo}/issues/{issue_number}", asked);
      return issueOf(data);
    });
  },
});
