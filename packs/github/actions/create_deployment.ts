import { ActionFailed, defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { Deployment, deploymentOf } from "../deployment.ts";
import { askGitHub } from "../github.ts";
import { repoInput, repositoryOf } from "../reference.ts";

export default defineAction({
  description: "Create a deployment: whatever listens for deployments begins to work",
  config,
  input: {
    ref: z.string().min(1).describe("The branch, tag or commit."),
    environment: z.string().min(1).default("production").describe("Where to."),
    description: z.string().max(140).optional().describe("A note."),
    force: z.boolean().default(false).describe("Also where checks of the commit have not passed."),
    repo: repoInput,
  },
  output: Deployment,
  run: async ({ input: { ref, environment, description, force, repo: given }, config, log, signal }) => {
    const repository = repositoryOf(given, config.repo);
    const what = `${ref} of ${repository.owner}/${repository.repo}`;
    return await askGitHub({ config, log, signal, what }, async (github) => {
      // Merging the default branch into the one that is asked for is nothing that a deployment should do by itself.
      const asked = { ...repository, ref, environment, description, auto_merge: false, ...(force ? { required_contexts: [] } : {}) };
      const { data } = await github.request("POST /repos/{owner}/{repo}/deployments", asked);
      if (!("id" in data)) throw new ActionFailed(`GitHub created no deployment: ${data.message ?? "no reason given"}`);
      return deploymentOf(data);
    });
  },
});
