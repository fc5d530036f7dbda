import { defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { askGitHub } from "../github.ts";
import { Issue, issueOf } from "../issue.ts";
import { numberOf, repoInput } from "../reference.ts";
import { beginning, day, link } from "../words.ts";

export default defineAction({
  description: "Show an issue",
  config,
  input: { issue: z.string().min(1).describe("12, owner/name#12 or its address."), repo: repoInput },
  output: Issue.extend({
    body: z.string(),
    /** The same for people, in Markdown. */
    text: z.string(),
  }),
  repeatable: true,
  run: async ({ input, config, log, signal }) => {
    const { owner, repo, number } = numberOf(input.issue, { repo: input.repo, usual: config.repo });
    const what = `${owner}/${repo}#${number}`;
    return await askGitHub({ config, log, signal, what }, async (github) => {
      const { data } = await github.request("GET /repos/{owner}/{repo}/issues/{issue_number}", { owner, repo, issue_number: number });
      const issue = issueOf(data);
      const body = data.body ?? "";
      return { ...issue, body, text: inWords(issue, { what, body }) };
    });
  },
});

function inWords(issue: Issue, { what, body }: { what: string; body: string }): string {
  const { title, state, reason, author, assignees, labels, comments, created_at, url } = issue;
  const facts = [
    reason === undefined ? state : `${state} (${reason.replaceAll("_", " ")})`,
    `by ${author} on ${day(created_at)}`,
    ...(assignees.length > 0 ? [`assigned to ${assignees.join(", ")}`] : []),
    ...(labels.length > 0 ? [`labels ${labels.join(", ")}`] : []),
    `${comments} ${comments === 1 ? "comment" : "comments"}`,
  ];
  return [`${link(what, url)} **${title}**`, facts.join(" · "), ...(body === "" ? [] : ["", beginning(body, 1_500)])].join("\n");
}
