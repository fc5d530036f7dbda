import { code, defineAction, table, z } from "@bellhop/sdk";
import config from "../config.ts";
import { Deployment, deploymentOf } from "../deployment.ts";
import { askGitHub, firstOf } from "../github.ts";
import { loginOf } from "../issue.ts";
import { repoInput, repositoryOf } from "../reference.ts";

const Status = z.object({
  state: z.string(),
  description: z.string(),
  creator: z.string(),
  created_at: z.string(),
  url: z.string().optional(),
});
type Status = z.infer<typeof Status>;

export default defineAction({
  description: "Show a deployment and its statuses, the newest first",
  config,
  input: { id: z.int().min(1).describe("The deployment's id, as `github deployments` shows it."), repo: repoInput },
  output: Deployment.extend({
    statuses: z.array(Status),
    /** The same for people, in Markdown. */
    text: z.string(),
  }),
  repeatable: true,
  run: async ({ input: { id, repo: given }, config, log, signal }) => {
    const repository = repositoryOf(given, config.repo);
    const what = `deployment ${id} of ${repository.owner}/${repository.repo}`;
    return await askGitHub({ config, log, signal, what }, async (github) => {
      const asked = { ...repository, deployment_id: id };
      const { data } = await github.request("GET /repos/{owner}/{repo}/deployments/{deployment_id}", asked);
      const pages = github.paginate.iterator("GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", { ...asked, per_page: 30 });
      const { items } = await firstOf(pages, { most: mostStatuses });
      const statuses = items.map(({ state, description, creator, created_at, log_url }) => {
        return { state, description, creator: loginOf(creator), created_at, ...(log_url ? { url: log_url } : {}) };
      });
      const deployment = deploymentOf(data, statuses[0]?.state);
      return { ...deployment, statuses, text: inWords(deployment, statuses) };
    });
  },
});

const mostStatuses = 30;

function inWords({ id, ref, sha, environment, creator, description }: Deployment, statuses: readonly Status[]): string {
  const head = `Deployment ${id}: ${code(ref)} (${sha.slice(0, 7)}) to ${code(environment)} by ${creator}${description === "" ? "" : `: ${description}`}`;
  if (statuses.length === 0) return `${head}\nNobody has reported a status.`;
  const rows = table(statuses, {
    State: ({ state }) => state.replaceAll("_", " "),
    When: ({ created_at }) => created_at.replace("T", " ").replace("Z", " UTC"),
    By: (status) => status.creator,
    Note: (status) => status.description,
  });
  return `${head}\n\n${rows}`;
}
