import { z } from "@bellhop/sdk";

/** An issue, as far as chats show it. */
export const Issue = z.object({
  number: z.int(),
  title: z.string(),
  state: z.string(),
  /** Why it was closed: completed, not_planned, duplicate. */
  reason: z.string().optional(),
  author: z.string(),
  assignees: z.array(z.string()),
  labels: z.array(z.string()),
  comments: z.int(),
  created_at: z.string(),
  url: z.string(),
});
export type Issue = z.infer<typeof Issue>;

/** What GitHub says of an issue, as far as it is used. */
interface IssueData {
  readonly number: number;
  readonly title: string;
  readonly state: string;
  readonly state_reason?: string | null;
  readonly user: { login: string } | null;
  readonly assignees?: readonly { login: string }[] | null;
  readonly labels: readonly (string | { name?: string | null })[];
  readonly comments: number;
  readonly created_at: string;
  readonly html_url: string;
}

export function issueOf(data: IssueData): Issue {
  const { number, title, state, state_reason: reason, user, assignees, labels, comments, created_at, html_url: url } = data;
  return {
    number,
    title,
    state,
    ...(reason === undefined || reason === null ? {} : { reason }),
    author: loginOf(user),
    assignees: assignees?.map(loginOf) ?? [],
    labels: labels.map((label) => (typeof label === "string" ? label : (label.name ?? ""))),
    comments,
    created_at,
    url,
  };
}

/** Who is gone is GitHub's ghost. */
export function loginOf(user: { login: string } | null | undefined): string {
  return user?.login ?? "ghost";
}
