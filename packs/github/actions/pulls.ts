import { code, defineAction, table, z } from "@bellhop/sdk";
import config from "../config.ts";
import { askGitHub, firstOf, pageOf } from "../github.ts";
import { Pull, pullOf } from "../pull.ts";
import { repoInput, repositoryOf } from "../reference.ts";
import { day, link, listed } from "../words.ts";

/** Rows that one command lists at most. */
const limit = 200;

export default defineAction({
  description: "List the pull requests of a repository, the newest first",
  config,
  input: {
    repo: repoInput,
    state: z.enum(["open", "closed", "all"]).default("open").describe("Which pull requests; merged ones are closed."),
    base: z.string().optional().describe("Only those that want into this branch."),
    most: z.int().min(1).max(limit).default(20).describe("How many are listed."),
  },
  output: z.object({
    pulls: z.array(Pull),
    /** Whether there are more than these. */
    more: z.boolean(),
    /** The same for people, in Markdown. */
    text: z.string(),
  }),
  repeatable: true,
  run: async ({ input: { repo: given, most, state, base }, config, log, signal }) => {
    const repository = repositoryOf(given, config.repo);
    const what = `${repository.owner}/${repository.repo}`;
    return await askGitHub({ config, log, signal, what }, async (github) => {
      const asked = { ...repository, state, base, per_page: pageOf(most) };
      const { items, more } = await firstOf(github.paginate.iterator("GET /repos/{owner}/{repo}/pulls", asked), { most });
      const pulls = items.map(pullOf);
      const none = `${what} has no ${state === "all" ? "" : `${state} `}pull requests${base === undefined ? "" : ` into ${code(base)}`}.`;
      return { pulls, more, text: pulls.length === 0 ? none : listed(inTable(pulls), { more, most, limit }) };
    });
  },
});

function inTable(pulls: readonly Pull[]): string {
  return table(pulls, {
    "Pull request": ({ number, url }) => link(`#${number}`, url),
    Title: ({ title }) => title,
    State: ({ state, draft }) => (draft && state === "open" ? "draft" : state),
    Author: ({ author }) => author,
    Branch: ({ head }) => code(head),
    Since: ({ created_at }) => day(created_at),
  });
}
