import { defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { askGitHub } from "../github.ts";
import { repoInput, repositoryOf } from "../reference.ts";

export default defineAction({
  description: "Report how a deployment goes",
  config,
  input: {
    id: z.int().min(1).describe("The deployment's id."),
    state: z.enum(["queued", "in_progress", "success", "failure", "error", "inactive", "pending"]).describe("How it goes."),
    description: z.string().max(140).optional().describe("A note."),
    log_url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("Where its output is."),
    repo: repoInput,
  },
  output: z.object({ id: z.int(), state: z.string() }),
  run: async ({ input: { id, state, description, log_url, repo: given }, config, log, signal }) => {
    const repository = repositoryOf(given, config.repo);
    const what = `deployment ${id} of ${repository.owner}/${repository.repo}`;
    return await askGitHub({ config, log, signal, what }, async (github) => {
      const asked = { ...repository, deployment_id: id, state, description, log_url };
      const { data } = await github.request("POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", asked);
      return { id, state: data.state };
    });
  },
});
