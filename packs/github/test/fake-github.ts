import { createServer, type IncomingMessage } from "node:http";
import {
  CommentAsked,
  created,
  DeploymentAsked,
  invalid,
  IssueAsked,
  IssueChange,
  limits,
  notFound,
  pageOf,
  refusal,
  repository,
  repositoryId,
  StatusAsked,
  type Answer,
  type Fault,
} from "./answers.ts";
import {
  asIssue,
  checkRun,
  comment,
  deployment,
  deploymentStatus,
  issue,
  pull,
  status,
  user,
  type CheckRun,
  type Comment,
  type Deployment,
  type DeploymentStatus,
  type Issue,
  type Pull,
  type Status,
} from "./shapes.ts";

/** GitHub with one private repository, acme/shop. */
export interface FakeGitHub {
  readonly api: string;
  /** What was asked, as `GET /repos/…?…`. */
  readonly requests: string[];
  addIssue(given: Omit<Parameters<typeof issue>[1], "number">): Issue;
  addPull(given: Omit<Parameters<typeof pull>[1], "number">): Pull;
  addCheckRun(given: Omit<Parameters<typeof checkRun>[1], "id">): CheckRun;
  addStatus(given: Omit<Parameters<typeof status>[1], "id">): Status;
  addDeployment(given: Omit<Parameters<typeof deployment>[1], "id">): Deployment;
  readonly issues: Issue[];
  readonly comments: Comment[];
  readonly deployments: Deployment[];
  /** Answers every request with this from now on; undefined: as usual. */
  fault: Fault | undefined;
  close(): void;
}

const person = "octocat";

interface Asked {
  readonly query: URLSearchParams;
  readonly params: readonly string[];
  readonly body: unknown;
}
type Route = [method: string, path: RegExp, answer: (asked: Asked) => Answer | Fault];

export async function startFakeGitHub(): Promise<FakeGitHub> {
  const pulls: Pull[] = [];
  const runs: CheckRun[] = [];
  const statuses: (Status & { sha: string })[] = [];
  const reported = new Map<number, DeploymentStatus[]>();
  let last = 0;
  const at: { api: string; repository: string } = { api: "", repository };

  const github: FakeGitHub & { api: string } = {
    api: "",
    requests: [],
    issues: [],
    comments: [],
    deployments: [],
    fault: undefined,
    addIssue: (given) => added(github.issues, issue(at, { ...given, number: nextNumber() })),
    addPull: (given) => added(pulls, pull(at, { ...given, number: nextNumber() })),
    addCheckRun: (given) => added(runs, checkRun(at, { ...given, id: ++last })),
    addStatus: (given) => added(statuses, { ...status(at, { ...given, id: ++last }), sha: given.sha }),
    addDeployment: (given) => added(github.deployments, deployment(at, { ...given, id: ++last })),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };

  const nextNumber = () => github.issues.length + pulls.length + 1;
  const found = <Item>(item: Item | undefined, answer: (item: Item) => Answer | Fault) => (item === undefined ? notFound : answer(item));
  const issueAt = (number: string | undefined) => github.issues.find((one) => one.number === Number(number));
  const deploymentAt = (id: string | undefined) => github.deployments.find((one) => one.id === Number(id));
  const shaOf = (ref = "") => pulls.find(({ head }) => head.ref === decodeURIComponent(ref))?.head.sha ?? ref;

  const routes: Route[] = [
    [
      "GET",
      /^\/issues$/,
      ({ query }) => ({ page: newestFirst([...github.issues, ...pulls.map((one) => asIssue(at, one))]).filter(like(query)) }),
    ],
    ["GET", /^\/issues\/(\d+)$/, ({ params }) => found(issueAt(params[0]), (data) => ({ data }))],
    ["POST", /^\/issues$/, ({ body }) => created(IssueAsked, body, (asked) => github.addIssue({ ...asked, author: person }))],
    [
      "PATCH",
      /^\/issues\/(\d+)$/,
      ({ params, body }) =>
        found(issueAt(params[0]), (data) => {
          const asked = IssueChange.safeParse(body);
          if (!asked.success) return invalid(asked.error);
          return { data: Object.assign(data, asked.data, { closed_at: "2026-11-21T10:00:00Z", closed_by: user(person) }) };
        }),
    ],
    [
      "POST",
      /^\/issues\/(\d+)\/comments$/,
      ({ params: [number], body: given }) =>
        found(issueAt(number) ?? pulls.find((one) => one.number === Number(number)), ({ number: of }) =>
          created(CommentAsked, given, ({ body }) => added(github.comments, comment(at, { id: ++last, number: of, body, author: person }))),
        ),
    ],
    ["GET", /^\/pulls$/, ({ query }) => ({ page: newestFirst(pulls).filter((one) => like(query)(one) && based(query, one)) })],
    [
      "GET",
      /^\/pulls\/(\d+)$/,
      ({ params }) =>
        found(
          pulls.find((one) => one.number === Number(params[0])),
          (data) => ({ data }),
        ),
    ],
    [
      "GET",
      /^\/commits\/([^/]+)\/check-runs$/,
      ({ params }) => ({ page: runs.filter((one) => one.head_sha === shaOf(params[0])), within: "check_runs" }),
    ],
    [
      "GET",
      /^\/commits\/([^/]+)\/statuses$/,
      ({ params }) => ({ page: statuses.filter((one) => one.sha === shaOf(params[0])).toReversed() }),
    ],
    [
      "GET",
      /^\/deployments$/,
      ({ query }) => ({
        page: github.deployments.filter((one) => [one.environment, null].includes(query.get("environment"))).toReversed(),
      }),
    ],
    ["GET", /^\/deployments\/(\d+)$/, ({ params }) => found(deploymentAt(params[0]), (data) => ({ data }))],
    [
      "POST",
      /^\/deployments$/,
      ({ body }) =>
        created(DeploymentAsked, body, ({ ref, environment, description, required_contexts }) => {
          const failing = statuses.some((one) => one.sha === shaOf(ref) && one.state !== "success");
          if (failing && required_contexts?.length !== 0)
            return { status: 409, body: { message: `Conflict: Commit status checks failed for ${ref}.` } };
          return github.addDeployment({ ref, sha: shaOf(ref), environment, description, creator: person });
        }),
    ],
    [
      "GET",
      /^\/deployments\/(\d+)\/statuses$/,
      ({ params }) => found(deploymentAt(params[0]), () => ({ page: reported.get(Number(params[0])) ?? [] })),
    ],
    [
      "POST",
      /^\/deployments\/(\d+)\/statuses$/,
      ({ params, body }) =>
        found(deploymentAt(params[0]), (of) =>
          created(StatusAsked, body, (asked) => {
            const told = deploymentStatus(at, { ...asked, id: ++last, deployment: of, creator: person });
            reported.set(Number(of.id), [told, ...(reported.get(Number(of.id)) ?? [])]);
            return told;
          }),
        ),
    ],
  ];

  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? "/", at.api);
      github.requests.push(`${request.method} ${url.pathname}${url.search}`);
      const body = await bodyOf(request);
      const answer = github.fault ?? refusal(request) ?? answerTo(request.method ?? "", url, body);
      const headers = { "content-type": "application/json; charset=utf-8", ...limits };
      if ("body" in answer) response.writeHead(answer.status, { ...headers, ...answer.headers }).end(JSON.stringify(answer.body));
      else if ("page" in answer) {
        const { items, link } = pageOf(answer.page, url);
        const data = answer.within === undefined ? items : { total_count: answer.page.length, [answer.within]: items };
        response.writeHead(200, { ...headers, ...(link === "" ? {} : { link }) }).end(JSON.stringify(data));
      } else response.writeHead(answer.status ?? 200, headers).end(JSON.stringify(answer.data));
    })();
  });

  function answerTo(method: string, { pathname, searchParams: query }: URL, body: unknown): Answer | Fault {
    const [, path] = new RegExp(`^/(?:repos/${repository}|repositories/${repositoryId})(/.*)$`).exec(pathname) ?? [];
    for (const [verb, pattern, answer] of path === undefined ? [] : routes) {
      const match = verb === method ? pattern.exec(path ?? "") : null;
      if (match !== null) return answer({ query, params: match.slice(1), body });
    }
    return notFound;
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  at.api = github.api = `http://127.0.0.1:${address.port}`;
  return github;
}

function added<Item>(list: Item[], item: Item): Item {
  list.push(item);
  return item;
}

function newestFirst<Item extends { number: number }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => b.number - a.number);
}

function like(query: URLSearchParams): (item: Pick<Issue, "state" | "labels"> | Pull) => boolean {
  const state = query.get("state") ?? "open";
  const labels = query.get("labels")?.split(",") ?? [];
  const named = (item: { labels: readonly (string | { name?: string })[] }) =>
    item.labels.map((one) => (typeof one === "string" ? one : one.name));
  return (item) => (state === "all" || item.state === state) && labels.every((label) => named(item).includes(label));
}

function based(query: URLSearchParams, { base }: Pull): boolean {
  return [base.ref, null].includes(query.get("base"));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body === "" ? undefined : JSON.parse(body);
}
