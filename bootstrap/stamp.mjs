import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What node_modules was made from and which Node it brought: {digest, bundledNode}. Kept inside node_modules, so it goes when that goes. */
export function readStamp(root) {
  try {
    return JSON.parse(readFileSync(stampFile(root), "utf8"));
  } catch {
    return undefined;
  }
}

export function writeStamp(root, stamp) {
  const file = stampFile(root);
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(stamp)}\n`);
  renameSync(fresh, file);
}

/** True when node_modules is what the lockfile and every package.json ask for. Reads some twenty small files, a few milliseconds. */
export function isCurrent({ root, stamp, packages }) {
  return (
    stamp?.digest === digest({ root, packages }) &&
    packages.every((one) => !one.needsModules || existsSync(join(root, one.folder, "node_modules")))
  );
}

/** One number for all that decides what is installed, the machine's kind included (a tree may be carried to another one). */
export function digest({ root, packages }) {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  for (const one of packages) hash.update(`${one.folder}\n`).update(one.text);
  return hash.digest("hex");
}

/** The workspace's packages: {folder, text, needsModules}, the root first. Knows the two spellings pnpm-workspace.yaml uses: `dir` and `dir/*`. */
export function listPackages(root) {
  const yaml = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8");
  const patterns = [...(/^packages:\n((?:\s+-.*\n?)*)/m.exec(yaml)?.[1] ?? "").matchAll(/-\s*["']?([^"'\s]+)/g)].map((match) => match[1]);
  const folders = patterns.flatMap((pattern) => (pattern.endsWith("/*") ? childFolders(root, pattern.slice(0, -2)) : [pattern]));
  return [".", ...folders.sort()].flatMap((folder) => {
    const file = join(root, folder, "package.json");
    if (!existsSync(file)) return [];
    const text = readFileSync(file, "utf8");
    const { dependencies = {}, devDependencies = {} } = JSON.parse(text);
    return [{ folder, text, needsModules: Object.keys({ ...dependencies, ...devDependencies }).length > 0 }];
  });
}

function childFolders(root, parent) {
  if (!existsSync(join(root, parent))) return [];
  return readdirSync(join(root, parent), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [`${parent}/${entry.name}`] : [],
  );
}

function stampFile(root) {
  return join(root, "node_modules", ".bellhop-setup.json");
}
