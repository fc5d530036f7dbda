import type { IncomingMessage } from "node:http";
import { z } from "@bellhop/sdk";

// What it refuses, and where GitHub's documentation says so (docs.github.com/en/rest):
// - 401 "Bad credentials" for a token it does not know; 403 without a user agent: using-the-rest-api/getting-started-with-the-rest-api
// - 404 for what is not there, and for private repositories to whoever may not see them: using-the-rest-api/troubleshooting-the-rest-api
// - 403 with x-accepted-github-permissions for a token that may read only: the same page, "Resource not accessible"
// - 403 or 429 with x-ratelimit-remaining 0 and x-ratelimit-reset, or with retry-after: using-the-rest-api/rate-limits-for-the-rest-api
// - 409 for a deployment of a commit whose contexts have not all succeeded, unless required_contexts is empty: deployments/deployments
// - 422 for a field that is missing or a label of the wrong type: using-the-rest-api/troubleshooting-the-rest-api, "Validation failed"
// Pages are linked by the repository's id, as api.github.com does. That the statuses of a commit are listed newest first is what
// commits/statuses says. Could not be verified here: the exact wording of 409 and 422. Not played: auto_merge, which the pack never asks for.

/** A token that may write, and one that may read. */
export const tokens = { writer: "github_pat_writer", reader: "github_pat_reader" } as const;

export interface Fault {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

export type Answer = { status?: number; data: unknown } | { page: readonly unknown[]; within?: string };

/** The one repository there is, and its id. */
export const repository = "acme/shop";
export const repositoryId = 1_296_269;

const text = z.string().min(1);
export const IssueAsked = z.object({
  title: text,
  body: z.string().optional(),
  labels: z.array(text).optional(),
  assignees: z.array(text).optional(),
});
export const IssueChange = z.object({
  state: z.enum(["open", "closed"]).optional(),
  state_reason: z.enum(["completed", "not_planned", "duplicate"]).optional(),
});
export const CommentAsked = z.object({ body: text });
export const DeploymentAsked = z.object({
  ref: text,
  environment: text.default("production"),
  description: z.string().nullable().default(null),
  auto_merge: z.literal(false),
  required_contexts: z.array(text).optional(),
});
export const StatusAsked = z.object({
  state: z.enum(["error", "failure", "inactive", "in_progress", "queued", "pending", "success"]),
  description: z.string().optional(),
  log_url: z.string().optional(),
});

export function created<Given>(schema: z.ZodType<Given>, body: unknown, make: (given: Given) => object): Answer | Fault {
  const asked = schema.safeParse(body);
  if (!asked.success) return invalid(asked.error);
  const made = make(asked.data);
  return isFault(made) ? made : { status: 201, data: made };
}

function isFault(made: object): made is Fault {
  return "status" in made && "body" in made;
}

export function pageOf(items: readonly unknown[], url: URL): { items: readonly unknown[]; link: string } {
  const size = Math.min(100, Number(url.searchParams.get("per_page") ?? 30));
  const page = Number(url.searchParams.get("page") ?? 1);
  const pages = Math.ceil(items.length / size);
  const to = (number: number, rel: string) => {
    const there = new URL(url);
    there.pathname = there.pathname.replace(`/repos/${repository}/`, `/repositories/${repositoryId}/`);
    there.searchParams.set("page", String(number));
    return `<${there.href}>; rel="${rel}"`;
  };
  const links = [
    ...(page < pages ? [to(page + 1, "next"), to(pages, "last")] : []),
    ...(page > 1 ? [to(page - 1, "prev"), to(1, "first")] : []),
  ];
  return { items: items.slice((page - 1) * size, page * size), link: links.join(", ") };
}

export function refusal(request: IncomingMessage): Fault | undefined {
  const [, token] = /^(?:token|bearer) (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (request.headers["user-agent"] === undefined) return { status: 403, body: { message: "Request forbidden by administrative rules." } };
  if (token === undefined) return notFound;
  if (token !== tokens.writer && token !== tokens.reader) return { status: 401, body: { message: "Bad credentials", status: "401" } };
  if (token === tokens.writer || request.method === "GET") return undefined;
  const needed = request.url?.includes("/deployments") ? "deployments=write" : "issues=write";
  return {
    status: 403,
    headers: { "x-accepted-github-permissions": needed },
    body: { message: "Resource not accessible by personal access token", status: "403" },
  };
}

export const limits = {
  "x-ratelimit-limit": "5000",
  "x-ratelimit-remaining": "4999",
  "x-ratelimit-used": "1",
  "x-ratelimit-resource": "core",
};
export const notFound: Fault = {
  status: 404,
  body: { message: "Not Found", documentation_url: "https://docs.github.com/rest", status: "404" },
};

export function invalid(error: z.ZodError): Fault {
  const errors = error.issues.map((one) => ({ resource: "Issue", field: one.path.map(String).join("."), code: "invalid" }));
  return { status: 422, body: { message: "Validation Failed", errors, status: "422" } };
}
