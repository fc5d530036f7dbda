import { code, defineAction, table, z } from "@bellhop/sdk";
import config from "../config.ts";
import { Deployment, deploymentOf, stateOf } from "../deployment.ts";
import { askGitHub, firstOf, pageOf } from "../github.ts";
import { repoInput, repositoryOf } from "../reference.ts";
import { day, listed } from "../words.ts";

/** Rows that one command lists at most. */
const limit = 50;

export default defineAction({
  description: "List the deployments of a repository and how they went, the newest first",
  config,
  input: {
    repo: repoInput,
    environment: z.string().optional().describe("Only deployments to this environment."),
    // Each costs one more request, for its status.
    most: z.int().min(1).max(limit).default(10).describe("How many are listed."),
  },
  output: z.object({
    deployments: z.array(Deployment),
    /** Whether there are more than these. */
    more: z.boolean(),
    /** The same for people, in Markdown. */
    text: z.string(),
  }),
  repeatable: true,
  run: async ({ input: { repo: given, environment, most }, config, log, signal }) => {
    const repository = repositoryOf(given, config.repo);
    const what = `${repository.owner}/${repository.repo}`;
    return await askGitHub({ config, log, signal, what }, async (github) => {
      const asked = { ...repository, environment, per_page: pageOf(most) };
      const { items, more } = await firstOf(github.paginate.iterator("GET /repos/{owner}/{repo}/deployments", asked), { most });
      const deployments: Deployment[] = [];
      // One after another, as GitHub asks for it.
      for (const item of items) deployments.push(deploymentOf(item, await stateOf(github, { ...repository, id: Number(item.id) })));
      const none = `${what} has no deployments${environment === undefined ? "" : ` to ${code(environment)}`}.`;
      return { deployments, more, text: deployments.length === 0 ? none : listed(inTable(deployments), { more, most, limit }) };
    });
  },
});

function inTable(deployments: readonly Deployment[]): string {
  return table(deployments, {
    Id: ({ id }) => id,
    Environment: ({ environment }) => environment,
    Ref: ({ ref, sha }) => `${code(ref)}${sha.startsWith(ref) ? "" : ` (${sha.slice(0, 7)})`}`,
    State: ({ state = "no status" }) => state.replaceAll("_", " "),
    By: ({ creator }) => creator,
    Since: ({ created_at }) => day(created_at),
  });
}
