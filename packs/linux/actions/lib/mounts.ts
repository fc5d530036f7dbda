/** A file system and where it is mounted: one line of /proc/self/mounts. */
export interface Mount {
  readonly device: string;
  readonly at: string;
  readonly type: string;
}

/** @param text as /proc/self/mounts has it; proc_mounts(5): spaces and the like are octal */
export function parseMounts(text: string): Mount[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [device = "", at = "", type = ""] = line
        .split(" ")
        .map((word) => word.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
      return { device, at, type };
    });
}

/** Those that hold files of their own on this machine's disks: each device once, where it was mounted first. What is over a network is left out,
 *  since asking a server that is away may take for ever. */
export function diskMounts(mounts: readonly Mount[]): Mount[] {
  const standing = visible(mounts);
  const own = standing.filter(({ type }) => !withoutDisk.has(type) && !/^(?:nfs|cifs|smb|ceph|afs|9p|fuse\.)/.test(type));
  return own.filter((mount, index) => own.findIndex(({ device, type }) => device === mount.device && type === mount.type) === index);
}

/** The mount that holds a file. @param path absolute, links resolved */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  return visible(mounts)
    .filter(({ at }) => at === "/" || path === at || path.startsWith(`${at}/`))
    .toSorted((a, b) => b.at.length - a.at.length)[0];
}

/** What is mounted over another hides it. */
function visible(mounts: readonly Mount[]): Mount[] {
  return mounts.filter((mount, index) => mounts.findLastIndex(({ at }) => at === mount.at) === index);
}

const withoutDisk: ReadonlySet<string> = new Set(
  [
    "autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs mqueue nsfs proc pstore ramfs rpc_pipefs",
  ]
    .concat("securityfs selinuxfs squashfs sysfs tmpfs tracefs")
    .flatMap((names) => names.split(" ")),
);
