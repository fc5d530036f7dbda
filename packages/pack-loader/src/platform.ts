/** For what native code on this machine is made: `linux-x64`, `linux-x64-musl`, `darwin-arm64`. */
export function thisPlatform(): string {
  const musl = process.platform === "linux" && !hasGlibc();
  return `${process.platform}-${process.arch}${musl ? "-musl" : ""}`;
}

/** Node says with which C library it runs in its own report only. */
function hasGlibc(): boolean {
  // Otherwise names of hosts are looked up.
  Object.assign(process.report, { excludeNetwork: true });
  const report: { header?: { glibcVersionRuntime?: unknown } } = process.report.getReport();
  return report.header?.glibcVersionRuntime !== undefined;
}
