import type { components } from "@octokit/openapi-types";

// What GitHub's REST API answers with, field for field: the types are those of its own OpenAPI description (2022-11-28), so that a field which is
// missing or misspelt does not compile. Left out is the whole repository within a pull request's ends, some hundred fields that nobody here reads.

type Schemas = components["schemas"];
export type Issue = Schemas["issue"];
export type Comment = Schemas["issue-comment"];
export type CheckRun = Schemas["check-run"];
export type Status = Schemas["status"];
export type Deployment = Schemas["deployment"];
export type DeploymentStatus = Schemas["deployment-status"];
type End = Omit<Schemas["pull-request-simple"]["head"], "repo">;
export type Pull = Omit<Schemas["pull-request-simple"], "head" | "base"> & { head: End; base: End } & Pick<
    Schemas["pull-request"],
    "mergeable" | "mergeable_state" | "merged"
  >;

export interface At {
  /** The API's own address. */
  readonly api: string;
  /** `owner/name` */
  readonly repository: string;
}

export function user(login: string): Schemas["simple-user"] {
  const api = `https://api.github.com/users/${login}`;
  return {
    login,
    id: 583_231,
    node_id: "MDQ6VXNlcjU4MzIzMQ==",
    avatar_url: "https://avatars.githubusercontent.com/u/583231?v=4",
    gravatar_id: "",
    url: api,
    html_url: `https://github.com/${login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: "User",
    site_admin: false,
  };
}

function label(name: string, at: At) {
  const url = `${at.api}/repos/${at.repository}/labels/${name}`;
  return { id: 208_045_946, node_id: "MDU6TGFiZWwyMDgwNDU5NDY=", url, name, description: "", color: "f29513", default: false };
}

export function issue(
  at: At,
  given: { number: number; title: string; author: string; labels?: string[]; assignees?: string[]; body?: string; created_at?: string },
): Issue {
  const { number, title, author, labels = [], assignees = [], body, created_at = "2026-11-20T09:30:00Z" } = given;
  const url = `${at.api}/repos/${at.repository}/issues/${number}`;
  return {
    id: 2_000_000_000 + number,
    node_id: `I_${number}`,
    url,
    repository_url: `${at.api}/repos/${at.repository}`,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `https://github.com/${at.repository}/issues/${number}`,
    number,
    state: "open",
    state_reason: null,
    title,
    body: body ?? null,
    user: user(author),
    labels: labels.map((name) => label(name, at)),
    assignee: assignees[0] === undefined ? null : user(assignees[0]),
    assignees: assignees.map(user),
    milestone: null,
    locked: false,
    active_lock_reason: null,
    comments: 0,
    closed_at: null,
    created_at,
    updated_at: created_at,
    closed_by: null,
    author_association: "MEMBER",
  };
}

/** A pull request among issues. */
export function asIssue(at: At, pull: Pull): Issue {
  const of = { number: pull.number, title: pull.title, author: pull.user?.login ?? "ghost", created_at: pull.created_at };
  const { url, html_url, diff_url, patch_url, merged_at } = pull;
  return { ...issue(at, of), state: pull.state, html_url, pull_request: { url, html_url, diff_url, patch_url, merged_at } };
}

export function comment(at: At, given: { id: number; number: number; body: string; author: string }): Comment {
  const { id, number, body, author } = given;
  return {
    id,
    node_id: `IC_${id}`,
    url: `${at.api}/repos/${at.repository}/issues/comments/${id}`,
    html_url: `https://github.com/${at.repository}/issues/${number}#issuecomment-${id}`,
    issue_url: `${at.api}/repos/${at.repository}/issues/${number}`,
    body,
    user: user(author),
    created_at: "2026-11-21T10:00:00Z",
    updated_at: "2026-11-21T10:00:00Z",
    author_association: "MEMBER",
  };
}

export function pull(
  at: At,
  given: { number: number; title: string; author: string; head: string; sha: string; base?: string; reviewers?: string[]; body?: string },
): Pull {
  const { number, title, author, head, sha, base = "main", reviewers = [], body } = given;
  const [owner = ""] = at.repository.split("/");
  const url = `${at.api}/repos/${at.repository}/pulls/${number}`;
  const html_url = `https://github.com/${at.repository}/pull/${number}`;
  const links = {
    comments_url: `${at.api}/repos/${at.repository}/issues/${number}/comments`,
    commits_url: `${url}/commits`,
    issue_url: `${at.api}/repos/${at.repository}/issues/${number}`,
    review_comment_url: `${at.api}/repos/${at.repository}/pulls/comments{/number}`,
    review_comments_url: `${url}/comments`,
    statuses_url: `${at.api}/repos/${at.repository}/statuses/${sha}`,
  };
  return {
    id: 1_000_000_000 + number,
    node_id: `PR_${number}`,
    url,
    html_url,
    diff_url: `${html_url}.diff`,
    patch_url: `${html_url}.patch`,
    ...links,
    number,
    state: "open",
    locked: false,
    title,
    user: user(author),
    body: body ?? null,
    labels: [],
    milestone: null,
    active_lock_reason: null,
    created_at: "2026-11-19T08:00:00Z",
    updated_at: "2026-11-19T08:00:00Z",
    closed_at: null,
    merged_at: null,
    merge_commit_sha: null,
    assignee: null,
    assignees: [],
    requested_reviewers: reviewers.map(user),
    requested_teams: [],
    head: { label: `${owner}:${head}`, ref: head, sha, user: user(owner) },
    base: { label: `${owner}:${base}`, ref: base, sha: "6dcb09b5b57875f334f61aebed695e2e4193db5e", user: user(owner) },
    _links: {
      self: { href: url },
      html: { href: html_url },
      issue: { href: links.issue_url },
      comments: { href: links.comments_url },
      review_comments: { href: links.review_comments_url },
      review_comment: { href: links.review_comment_url },
      commits: { href: links.commits_url },
      statuses: { href: links.statuses_url },
    },
    author_association: "MEMBER",
    auto_merge: null,
    draft: false,
    merged: false,
    mergeable: true,
    mergeable_state: "clean",
  };
}

export function checkRun(at: At, given: { id: number; sha: string; name: string; conclusion: CheckRun["conclusion"] }): CheckRun {
  const { id, sha, name, conclusion } = given;
  const url = `${at.api}/repos/${at.repository}/check-runs/${id}`;
  return {
    id,
    head_sha: sha,
    node_id: `CR_${id}`,
    external_id: "",
    url,
    html_url: `https://github.com/${at.repository}/runs/${id}`,
    details_url: "https://example.com",
    status: conclusion === null ? "in_progress" : "completed",
    conclusion,
    started_at: "2026-11-19T08:00:10Z",
    completed_at: conclusion === null ? null : "2026-11-19T08:03:00Z",
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    name,
    check_suite: { id: 5 },
    app: null,
    pull_requests: [],
  };
}

export function status(at: At, given: { id: number; sha: string; context: string; state: string }): Status {
  const { id, sha, context, state } = given;
  return {
    url: `${at.api}/repos/${at.repository}/statuses/${sha}`,
    avatar_url: null,
    id,
    node_id: `SC_${id}`,
    state,
    description: null,
    target_url: "https://ci.example.com/1000/output",
    context,
    created_at: "2026-11-19T08:01:00Z",
    updated_at: "2026-11-19T08:01:00Z",
    creator: user("ci-bot"),
  };
}

export function deployment(
  at: At,
  given: { id: number; ref: string; sha: string; environment: string; creator: string; description?: string | null },
): Deployment {
  const { id, ref, sha, environment, creator, description = null } = given;
  const url = `${at.api}/repos/${at.repository}/deployments/${id}`;
  return {
    url,
    id,
    node_id: `DE_${id}`,
    sha,
    ref,
    task: "deploy",
    payload: {},
    original_environment: environment,
    environment,
    description,
    creator: user(creator),
    created_at: "2026-11-20T12:00:00Z",
    updated_at: "2026-11-20T12:00:00Z",
    statuses_url: `${url}/statuses`,
    repository_url: `${at.api}/repos/${at.repository}`,
    transient_environment: false,
    production_environment: environment === "production",
  };
}

export function deploymentStatus(
  at: At,
  given: { id: number; deployment: Deployment; state: DeploymentStatus["state"]; creator: string; description?: string; log_url?: string },
): DeploymentStatus {
  const { id, deployment: of, state, creator, description = "", log_url = "" } = given;
  return {
    url: `${of.url}/statuses/${id}`,
    id,
    node_id: `DS_${id}`,
    state,
    creator: user(creator),
    description,
    environment: of.environment,
    target_url: log_url,
    created_at: "2026-11-20T12:05:00Z",
    updated_at: "2026-11-20T12:05:00Z",
    deployment_url: of.url,
    repository_url: `${at.api}/repos/${at.repository}`,
    environment_url: "",
    log_url,
  };
}
