import { z } from "@bellhop/sdk";
import { loginOf } from "./issue.ts";

/** A pull request, as far as chats show it. */
export const Pull = z.object({
  number: z.int(),
  title: z.string(),
  /** open, closed, merged. */
  state: z.string(),
  draft: z.boolean(),
  author: z.string(),
  /** The branch that it wants to bring in, and the one it wants to be brought into. */
  head: z.string(),
  base: z.string(),
  /** The commit that `head` stands at. */
  sha: z.string(),
  reviewers: z.array(z.string()),
  created_at: z.string(),
  url: z.string(),
});
export type Pull = z.infer<typeof Pull>;

/** What GitHub says of a pull request, as far as it is used. */
interface PullData {
  readonly number: number;
  readonly title: string;
  readonly state: string;
  readonly merged_at: string | null;
  readonly draft?: boolean;
  readonly user: { login: string } | null;
  readonly head: { label: string; ref: string; sha: string };
  readonly base: { ref: string };
  readonly requested_reviewers?: readonly { login: string }[] | null;
  readonly created_at: string;
  readonly html_url: string;
}

export function pullOf(data: PullData): Pull {
  const { number, title, state, merged_at, draft = false, user, head, base, requested_reviewers, created_at, html_url: url } = data;
  const reviewers = requested_reviewers?.map(loginOf) ?? [];
  const ends = { head: head.ref, base: base.ref, sha: head.sha };
  return { number, title, state: merged_at === null ? state : "merged", draft, author: loginOf(user), ...ends, reviewers, created_at, url };
}
