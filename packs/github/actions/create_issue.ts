import { defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { askGitHub } from "../github.ts";
import { Issue, issueOf } from "../issue.ts";
import { repoInput, repositoryOf } from "../reference.ts";

export default defineAction({
  description: "Open an issue",
  config,
  input: {
    title: z.string().min(1).max(256).describe("What it is about."),
    body: z.string().optional().describe("What there is to say, in Markdown."),
    labels: z.array(z.string()).default([]).describe("Labels that the repository has."),
    assignees: z.array(z.string()).default([]).describe("Who should look after it."),
    repo: repoInput,
  },
  output: Issue,
  run: async ({ input: { title, body, labels, assignees, repo: given }, config, log, signal }) => {
    const repository = repositoryOf(given, config.repo);
    const what = `${repository.owner}/${repository.repo}`;
    return await askGitHub({ config, log, signal, what }, async (github) => {
      const { data } = await github.request("POST /repos/{owner}/{repo}/issues", { ...repository, title, body, labels, assignees });
      return issueOf(data);
    });
  },
});
