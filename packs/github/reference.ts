import { ActionFailed, z } from "@bellhop/sdk";

/** A repository, named as every path of the API has it. */
export interface Repository {
  readonly owner: string;
  readonly repo: string;
}

/** The input of an action that works on a repository. */
export const repoInput = z.string().optional().describe("The repository as owner/name; the configured one where it is left out.");

/** Whom a command means.
 *  @param given `owner/name`, or `name` of the configured owner
 *  @param usual the configured one
 *  @throws ActionFailed where it is none */
export function repositoryOf(given: string | undefined, usual: string | undefined): Repository {
  const text = given ?? usual;
  if (text === undefined) {
    throw new ActionFailed("Which repository?", {
      hint: "Say repo=owner/name; `bellhop pack config set github repo=owner/name` makes it the usual one.",
    });
  }
  const [, owner = usual?.split("/")[0], repo] = /^(?:([\w-]+)\/)?([\w.-]+)$/.exec(text.trim()) ?? [];
  if (owner === undefined || repo === undefined || repo === "." || repo === "..")
    throw new ActionFailed(`"${text}" is no repository.`, { hint: "Write it as owner/name." });
  return { owner, repo };
}

/** Which issue or pull request a command means: `12`, `#12`, `owner/name#12`, or its address.
 *  @throws ActionFailed where it is none */
export function numberOf(text: string, at: { repo?: string; usual?: string }): Repository & { number: number } {
  const address = /^https?:\/\/[^/]+\/([\w-]+\/[\w.-]+)\/(?:issues|pull)\/(\d+)(?:[/?#].*)?$/.exec(text.trim());
  const [, named, number] = address ?? /^([\w./-]+(?=#))?#?(\d{1,9})$/.exec(text.trim()) ?? [];
  if (number === undefined)
    throw new ActionFailed(`"${text}" is no number of an issue or pull request.`, { hint: "Write 12, or owner/name#12." });
  return { ...repositoryOf(named ?? at.repo, at.usual), number: Number(number) };
}
