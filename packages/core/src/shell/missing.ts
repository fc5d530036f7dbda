/** A program that a command asked for and that the machine has not: what `env` and shells say then, with their exit code 127. Undefined where
 *  it ended for another reason. */
export function missingProgram({ returnCode, stderr }: { returnCode: number; stderr: string }): string | undefined {
  if (returnCode !== 127) return undefined;
  const last = stderr.trimEnd().split("\n").at(-1) ?? "";
  // coreutils: /usr/bin/env: ‘ruby’: No such file or directory. busybox: env: can't execute 'ruby': No such file or directory.
  const byEnv = /^(?:\S*\/)?env: (?:can't execute )?["'`‘]?([\w.+-]+)["'`’]?: /.exec(last);
  // dash: sh: 1: jq: not found. bash: line 1: jq: command not found.
  const byShell = /: ([\w.+-]+): (?:command )?not found$/.exec(last);
  return byEnv?.[1] ?? byShell?.[1];
}

/** What to do about it. @param program its name, or the path of an interpreter */
export function installHint(program: string): string {
  const debian = debianPackages.get(program.slice(program.lastIndexOf("/") + 1));
  return `Install it where the runner is${debian === undefined ? "" : ` (Debian: apt install ${debian})`}, or mend the action.`;
}

/** Interpreters and what scripts often call, by the packages of Debian 12 that have them. */
const debianPackages: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bash: "bash",
    curl: "curl",
    dig: "bind9-dnsutils",
    git: "git",
    go: "golang-go",
    jq: "jq",
    lua: "lua5.4",
    node: "nodejs",
    perl: "perl",
    php: "php-cli",
    python: "python-is-python3",
    python3: "python3",
    Rscript: "r-base-core",
    rsync: "rsync",
    ruby: "ruby",
    ssh: "openssh-client",
    tclsh: "tcl",
    traceroute: "traceroute",
    zsh: "zsh",
  }),
);
