import { ActionFailed, code, defineAction, table, z } from "@bellhop/sdk";
import { near, readProjects, readUsage } from "./lib/projects.ts";

export default defineAction({
  description: "Report what a project used, month by month",
  input: { id: z.string().describe("The project's unique id, such as prj-7f3a; `project id NAME` tells it.") },
  output: z.object({ stdout: z.string().describe("The report in Markdown, as usage_report prints it.") }),
  repeatable: true,
  run: async ({ input }) => {
    const id = input.id.trim();
    if (!/^prj-[0-9a-f]{4}$/.test(id)) throw new ActionFailed("That is no id: one looks like prj-7f3a. `project id NAME` tells it.");
    const projects = await readProjects();
    const project = projects.find((one) => one.id === id);
    if (project === undefined) {
      const ids = projects.map((one) => one.id);
      const close = near(id, ids, 2);
      const suggestion = close.length === 0 ? "`project id NAME` tells the id." : `Did you mean ${close.join(" or ")}?`;
      throw new ActionFailed(`There is no project ${id}. ${suggestion}`);
    }
    const usage = await readUsage(id);
    const title = `**${project.name}** (${code(id)})`;
    const [first, last] = [usage[0], usage.at(-1)];
    if (first === undefined || last === undefined) return { stdout: `${title} used nothing.` };
    const all = {
      month: "**All**",
      builds: sum(usage.map(({ builds }) => builds)),
      cpuHours: sum(usage.map(({ cpuHours }) => cpuHours)),
      storageGb: last.storageGb,
    };
    const report = table([...usage, all], {
      Month: ({ month }) => month,
      Builds: ({ builds }) => builds,
      "CPU hours": ({ cpuHours }) => Number(cpuHours.toFixed(1)),
      "Storage, GB": ({ storageGb }) => storageGb,
    });
    return { stdout: `${title}, ${first.month} to ${last.month}\n\n${report}` };
  },
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
