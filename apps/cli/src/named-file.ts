import { readFileSync } from "node:fs";
import { codeOf } from "@bellhop/contracts";
import { NotAllowed, NotThere, UsageError } from "./report.ts";

/** The text of a file that somebody named; `-` is standard input. @throws NotThere, NotAllowed, UsageError */
export function readNamed(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw refusal(error, file);
  }
}

/** What the system refused, in words of whoever named the path; what it never refuses for a name is given back as it is. */
export function refusal(error: unknown, path: string): unknown {
  const cause = { cause: error };
  switch (codeOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return new NotThere(`There is no ${path}.`, { ...cause, hint: "Is the path right, seen from here?" });
    case "EISDIR":
      return new UsageError(`${path} is a folder.`, { ...cause, hint: "Name a file in it." });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new NotAllowed(`${path} may not be opened by whoever runs this.`, {
        ...cause,
        hint: "Call it as its owner, or name another.",
      });
    case undefined:
    default:
      return error;
  }
}
