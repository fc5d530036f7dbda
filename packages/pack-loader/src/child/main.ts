import { isAction, isAlias, isConfig, isRule, isSensor, isWorkflow, type AnyWorkflow } from "@bellhop/sdk/host";
import { once } from "node:events";
import { flushCompileCache } from "node:module";
import { posix } from "node:path";
import { Worker } from "node:worker_threads";
import { importDefinition, registerPackModules } from "../modules/index.ts";
import { compiledPath, sourceOf } from "../modules/resolution.ts";
import type { PackProblem } from "../problem.ts";
import { compile } from "./compile.ts";
import { describeAction, describeAlias, describeConfig } from "./describe.ts";
import { describeRule } from "./describe-rule.ts";
import { describeSensor } from "./describe-sensor.ts";
import { describeWorkflow } from "./describe-workflow.ts";
import type { ChildMessage, ExtractRequest, Extraction } from "./protocol.ts";
import { placeInStack, placeOfText, readSource, type Source } from "./source.ts";

// A pack that spins would outlive a parent that was killed: nothing on this thread could notice. Another thread can. It is told who the parent is,
// because by the time it runs there may be another, and nothing of a pack is read before it does.
const watchdog = new Worker(
  `const { workerData: parent } = require("node:worker_threads");
   setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, "SIGKILL"); }, 300);`,
  { eval: true, env: {}, workerData: Number(process.argv[2]) },
);
const watched = once(watchdog, "online").then(() => watchdog.unref());
process.on("disconnect", () => process.exit(0));
process.setSourceMapsEnabled(true);
// Ours alone: what a definition starts shall not write into it.
delete process.env["NODE_COMPILE_CACHE"];

/** Kept from before pack code could replace it. */
const send = process.send?.bind(process);
const tell = (message: ChildMessage) => send?.(message);

let flushed = false;

process.on("message", (request: ExtractRequest) => {
  void watched.then(() => extract(request)).then(done);

  function done(extraction: Extraction): void {
    tell({ kind: "done", id: request.id, extraction });
    // Node itself would do it at the end, but a child is killed. Once: what comes after the first pack is other packs' code, which changes.
    if (!flushed) flushCompileCache();
    flushed = true;
  }
});
void watched.then(() => tell({ kind: "ready" }));

async function extract(request: ExtractRequest): Promise<Extraction> {
  const { pack, folder } = request;
  const problems: PackProblem[] = [];
  const imports = { files: new Set(request.files), declared: request.declared, development: request.development };
  const sources = request.sources.map((file) => readSource(file, imports));
  problems.push(...sources.flatMap((source) => source.problems));
  const compiled: Extraction["compiled"][number][] = [];
  for (const source of sources) {
    if (source.problems.length > 0) continue;
    try {
      compiled.push({ path: compiledPath(source.path, source.format), from: source.path, code: compile(source) });
    } catch (error) {
      problems.push({ file: source.path, line: 1, column: 1, message: `This can't be compiled: ${firstLine(error)}`, hint: "" });
    }
  }
  const code = new Map(compiled.map((file) => [posix.join(folder, file.path), file.code]));
  const hooks = registerPackModules({
    root: folder,
    compiled: code,
    ...(request.dependencies === undefined ? {} : { dependencies: request.dependencies }),
  });
  const actions: Extraction["actions"][number][] = [];
  const policies: Extraction["policies"][number][] = [];
  const aliases: Extraction["aliases"][number][] = [];
  const rules: Extraction["rules"][number][] = [];
  const sensors: Extraction["sensors"][number][] = [];
  const triggers: Extraction["triggers"][number][] = [];
  const refs = new Map<unknown, string>();
  const workflows: [AnyWorkflow, { pack: string; name: string; source: Source }][] = [];
  let config: { made: unknown; extracted: NonNullable<Extraction["config"]> } | undefined;
  try {
    // Actions and workflows come before aliases and rules, which can name them by what they import; and what both may name before both.
    for (const kind of ["config", "actions", "workflows", "aliases", "rules", "sensors"] as const) {
      for (const source of sources.filter((one) => kindOf(one.path) === kind)) {
        if (!compiled.some((file) => file.from === source.path)) continue;
        tell({ kind: "at", id: request.id, file: source.path });
        const name = posix.basename(source.path).replace(/\.[^.]+$/, "");
        const where = { pack, name, source };
        try {
          const found = await importDefinition(posix.join(folder, compiledPath(source.path, source.format)));
          if (kind === "actions" && isAction(found)) {
            refs.set(found, `${pack}.${name}`);
            const described = describeAction(found, { ...where, config: config?.made });
            actions.push(described.extracted);
            policies.push(...described.policies);
            problems.push(...described.problems);
          } else if (kind === "workflows" && isWorkflow(found)) {
            refs.set(found, `${pack}.${name}`);
            workflows.push([found, where]);
          } else if (kind === "config" && isConfig(found)) {
            const described = describeConfig(found, where);
            config = { made: found, extracted: described.extracted };
            problems.push(...described.problems);
          } else if (kind === "aliases" && isAlias(found)) {
            const described = describeAlias(found, { ...where, refOf: (action) => refs.get(action) });
            aliases.push(described.extracted);
            problems.push(...described.problems);
          } else if (kind === "rules" && isRule(found)) {
            const described = describeRule(found, { ...where, refOf: (action) => refs.get(action) });
            rules.push(described.extracted);
            problems.push(...described.problems);
          } else if (kind === "sensors" && isSensor(found)) {
            const described = describeSensor(found, { ...where, config: config?.made });
            sensors.push(described.extracted);
            triggers.push(...described.triggers);
            problems.push(...described.problems);
          } else problems.push(notDefined(source, kind));
        } catch (error) {
          if (wantsFaulty(error, folder, sources)) continue;
          const fault = importFault(error, folder, source, sources);
          const same = (one: PackProblem) => one.file === fault.file && one.line === fault.line && one.message === fault.message;
          if (!problems.some(same)) problems.push(fault);
        }
      }
    }
  } finally {
    hooks.deregister();
  }
  // Workflows name each other, so all of them are known by now.
  for (const [workflow, where] of workflows) {
    const described = describeWorkflow(workflow, { ...where, refOf: (action) => refs.get(action) });
    actions.push(described.extracted);
    problems.push(...described.problems);
  }
  const travelling = compiled.filter((file) => !/^(?:aliases|rules|workflows)\//.test(file.from));
  return {
    compiled: travelling,
    actions,
    policies,
    aliases,
    rules,
    sensors,
    triggers,
    ...(config === undefined ? {} : { config: config.extracted }),
    problems,
  };
}

type Kind = keyof typeof makers;

const makers = {
  config: { makes: "defineConfig", what: "configuration" },
  actions: { makes: "defineAction", what: "action" },
  aliases: { makes: "defineAlias", what: "alias" },
  rules: { makes: "defineRule", what: "rule" },
  sensors: { makes: "defineSensor", what: "sensor" },
  workflows: { makes: "defineWorkflow", what: "workflow" },
} as const;

function kindOf(path: string): Kind | undefined {
  const folder = posix.dirname(path);
  if (folder === "actions" || folder === "aliases" || folder === "rules" || folder === "sensors" || folder === "workflows") return folder;
  return /^config\.[cm]?ts$/.test(path) ? "config" : undefined;
}

function notDefined(source: Source, kind: Kind): PackProblem {
  const { makes, what } = makers[kind];
  const place = source.ranges[""] === undefined ? { line: 1, column: 1 } : placeOfText(source, source.text.slice(...source.ranges[""]));
  const hint = `Write \`export default ${makes}({ … })\`. Code that several files share belongs beside the folder, e.g. in lib/.`;
  return { file: source.path, ...place, message: `${source.path} exports no ${what} as default.`, hint };
}

/** Whether it failed for want of a file that is complained about itself. */
function wantsFaulty(error: unknown, folder: string, sources: readonly Source[]): boolean {
  const [, specifier, from] = /^"(\.[^"]*)" can't be imported by a pack \(from (.+)\)\.$/.exec(firstLine(error)) ?? [];
  if (specifier === undefined || from === undefined) return false;
  const wanted = posix.relative(folder, posix.join(posix.dirname(from), specifier));
  return sourceOf(wanted, (path) => sources.some((one) => one.path === path && one.problems.length > 0)) !== undefined;
}

function importFault(error: unknown, folder: string, source: Source, sources: readonly Source[]): PackProblem {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const message = firstLine(error);
  // A missing name is found out before a line runs: the stack has none, the words say which import it was.
  const missing = /requested module '([^']+)' does not provide an export named '([^']+)'/.exec(message);
  if (missing?.[1] !== undefined) {
    const importer = sources.find((one) => one.text.includes(`"${missing[1]}"`) || one.text.includes(`'${missing[1]}'`)) ?? source;
    const place = placeOfText(importer, missing[2] === "default" ? (missing[1] ?? "") : (missing[2] ?? ""));
    return { file: importer.path, ...place, message: `"${missing[1]}" exports no ${missing[2]}.`, hint: "" };
  }
  const place = placeInStack(stack, folder) ?? { file: source.path, line: 1, column: 1 };
  const where = sources.some((one) => one.path === place.file) ? place : { ...place, file: source.path };
  return { ...where, message: `It broke while it was read: ${message}`, hint: "Files of definitions only define; work belongs into run." };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? text;
}
