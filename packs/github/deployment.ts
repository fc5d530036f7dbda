import { z } from "@bellhop/sdk";
import type { GitHub } from "./github.ts";
import { loginOf } from "./issue.ts";
import type { Repository } from "./reference.ts";

/** A deployment, as far as chats show it. */
export const Deployment = z.object({
  id: z.int(),
  environment: z.string(),
  ref: z.string(),
  sha: z.string(),
  description: z.string(),
  creator: z.string(),
  created_at: z.string(),
  /** The newest of its statuses: success, in_progress …; absent where nobody reported any. */
  state: z.string().optional(),
});
export type Deployment = z.infer<typeof Deployment>;

/** What GitHub says of a deployment, as far as it is used. */
interface DeploymentData {
  readonly id: number | bigint;
  readonly environment: string;
  readonly ref: string;
  readonly sha: string;
  readonly description: string | null;
  readonly creator: { login: string } | null;
  readonly created_at: string;
}

export function deploymentOf(data: DeploymentData, state?: string): Deployment {
  const { id, environment, ref, sha, description, creator, created_at } = data;
  const facts = { id: Number(id), environment, ref, sha, description: description ?? "", creator: loginOf(creator), created_at };
  return { ...facts, ...(state === undefined ? {} : { state }) };
}

/** The newest status of a deployment. */
export async function stateOf(github: GitHub, at: Repository & { id: number }): Promise<string | undefined> {
  const asked = { owner: at.owner, repo: at.repo, deployment_id: at.id, per_page: 1 };
  const { data } = await github.request("GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", asked);
  return data[0]?.state;
}
