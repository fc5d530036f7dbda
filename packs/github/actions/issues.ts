import { defineAction, table, z } from "@bellhop/sdk";
import config from "../config.ts";
import { askGitHub, firstOf, pageOf } from "../github.ts";
import { Issue, issueOf } from "../issue.ts";
import { repoInput, repositoryOf } from "../reference.ts";
import { day, link, listed } from "../words.ts";

/** Rows that one command lists at most. */
const limit = 200;

export default defineAction({
  description: "List the issues of a repository, the newest first",
  config,
  input: {
    repo: repoInput,
    state: z.enum(["open", "closed", "all"]).default("open").describe("Which issues."),
    labels: z.string().optional().describe("Only issues that have all of these labels, with commas between them."),
    assignee: z.string().optional().describe("Only issues of this person; none for those of nobody."),
    most: z.int().min(1).max(limit).default(20).describe("How many are listed."),
  },
  output: z.object({
    issues: z.array(Issue),
    /** Whether there are more than these. */
    more: z.boolean(),
    /** The same for people, in Markdown. */
    text: z.string(),
  }),
  repeatable: true,
  run: async ({ input: { repo: given, most, ...which }, config, log, signal }) => {
    const repository = repositoryOf(given, config.repo);
    const what = `${repository.owner}/${repository.repo}`;
    return await askGitHub({ config, log, signal, what }, async (github) => {
      const asked = { ...repository, ...which, per_page: pageOf(most) };
      const pages = github.paginate.iterator("GET /repos/{owner}/{repo}/issues", asked);
      // To GitHub a pull request is an issue as well.
      const { items, more } = await firstOf(pages, { most, wanted: (item) => item.pull_request === undefined });
      const issues = items.map(issueOf);
      const none = `${what} has no ${which.state === "all" ? "" : `${which.state} `}issues${which.labels || which.assignee ? " like that" : ""}.`;
      return { issues, more, text: issues.length === 0 ? none : listed(inTable(issues), { more, most, limit }) };
    });
  },
});

function inTable(issues: readonly Issue[]): string {
  return table(issues, {
    Issue: ({ number, url }) => link(`#${number}`, url),
    Title: ({ title }) => title,
    Author: ({ author }) => author,
    Labels: ({ labels }) => labels.join(", "),
    Since: ({ created_at }) => day(created_at),
  });
}
