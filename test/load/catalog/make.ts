import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { repository } from "../stack.ts";

export type Spelling = "yaml" | "typescript";

export interface Made {
  packs: number;
  actions: number;
  spelling: Spelling;
  /** Every so manieth action has an alias. */
  aliasEvery: number;
}

/** Writes packs below a folder, the actions shared out evenly; gives their folders. */
export async function makePacks(folder: string, { packs, actions, spelling, aliasEvery }: Made): Promise<string[]> {
  // For the floor that imports the files by itself.
  await mkdir(join(folder, "node_modules/@bellhop"), { recursive: true });
  await symlink(join(repository, "packages/sdk"), join(folder, "node_modules/@bellhop/sdk"));
  const folders = Array.from({ length: packs }, (_, n) => join(folder, packName(n)));
  for (const at of folders) await write(join(at, "pack.yaml"), packYaml(at.slice(folder.length + 1)));
  for (let n = 0; n < actions; n++) {
    const at = join(folder, packName(n % packs));
    const extension = spelling === "yaml" ? "yaml" : "ts";
    await write(join(at, `actions/${actionName(n)}.${extension}`), spelling === "yaml" ? actionYaml(n) : actionTypeScript(n));
    if (n % aliasEvery !== 0) continue;
    await write(
      join(at, `aliases/${actionName(n)}.${extension}`),
      spelling === "yaml" ? aliasYaml(n, packName(n % packs)) : aliasTypeScript(n),
    );
  }
  return folders;
}

/** The action files of such packs. */
export function actionFiles(folders: readonly string[], { packs, actions, spelling }: Made): string[] {
  const extension = spelling === "yaml" ? "yaml" : "ts";
  return Array.from({ length: actions }, (_, n) => join(folders[n % packs] ?? "", `actions/${actionName(n)}.${extension}`));
}

function packName(n: number): string {
  return `load${n}`;
}

function actionName(n: number): string {
  return `act_${n}`;
}

function packYaml(name: string): string {
  return `name: ${name}\ndescription: One of many\nversion: 1.0.0\nauthor: The Bellhop authors\n`;
}

// What actions and aliases of StackStorm's packs have: a handful of parameters with a line about each, a format or two.
function actionYaml(n: number): string {
  return `---
name: ${actionName(n)}
description: Restart the service number ${n} on a host, and say how long it took
runner_type: local-shell-cmd
enabled: true
entry_point: ""
parameters:
  host:
    type: string
    description: The host it runs on
    required: true
    position: 0
  service:
    type: string
    description: Its name there
    default: service-${n}
  timeout:
    type: integer
    default: 60
  force:
    type: boolean
    description: Whether what is under way is given up
    default: false
  cmd:
    default: echo {{ service }} on {{ host }} {{ force }}
    immutable: true
`;
}

function aliasYaml(n: number, pack: string): string {
  return `---
name: ${actionName(n)}
description: Restart the service number ${n}
action_ref: ${pack}.${actionName(n)}
formats:
  - "restart service ${n} on {{ host }}"
  - display: "bounce ${n} {{ host }}"
    representation: ["bounce ${n} {{ host }}", "kick ${n} {{ host }}"]
result:
  format: "{{ execution.result.stdout }}"
`;
}

function actionTypeScript(n: number): string {
  return `import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Restart the service number ${n} on a host, and say how long it took",
  input: {
    host: z.string().describe("The host it runs on"),
    service: z.string().default("service-${n}").describe("Its name there"),
    force: z.boolean().default(false).describe("Whether what is under way is given up"),
  },
  output: z.object({ host: z.string(), seconds: z.number() }),
  timeout: 60,
  run: async ({ input, log }): Promise<{ host: string; seconds: number }> => {
    log.info({ service: input.service, force: input.force }, "restarted");
    return { host: input.host, seconds: ${n} };
  },
});
`;
}

function aliasTypeScript(n: number): string {
  return `import { defineAlias } from "@bellhop/sdk";
import action from "../actions/${actionName(n)}.ts";

export default defineAlias({
  action,
  formats: ["restart service ${n} on {{ host }}", "bounce ${n} {{ host }}"],
  reply: "{{ result.host }}: {{ result.seconds }} s",
});
`;
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
