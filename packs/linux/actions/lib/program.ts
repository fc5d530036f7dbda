import { execFile } from "node:child_process";
import { hostname } from "node:os";
import { ActionFailed } from "@bellhop/sdk";

/** What a program said. It may have ended with any code: whoever called it knows what that means. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with these arguments, as they are: no shell reads them. Its words are English, whatever the machine speaks.
 *  @param at.debian the package that has it, for machines where it is missing
 *  @throws ActionFailed where it is not there */
export async function runProgram(name: string, args: readonly string[], at: { debian: string; signal: AbortSignal }): Promise<Said> {
  const env = { ...process.env, PATH: process.env["PATH"] ?? usualPath, LC_ALL: "C" };
  return await new Promise((resolve, reject) => {
    execFile(name, args, { env, signal: at.signal, maxBuffer: 8 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (error.code === "ENOENT") reject(missing(name, at.debian));
      else if (typeof error.code === "number") resolve({ code: error.code, stdout, stderr });
      else reject(error);
    });
  });
}

function missing(name: string, debian: string): ActionFailed {
  return new ActionFailed(`${name} is not on ${hostname()}.`, {
    hint: `Install it where the runner is; on Debian: apt install ${debian}.`,
  });
}

const usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
