import { ActionFailed, defineAction, z } from "@bellhop/sdk";
import { near, readProjects } from "./lib/projects.ts";

export default defineAction({
  description: "Tell the unique id of the project that people call by this name",
  input: { name: z.string().describe("The project's common name, such as Apollo. Case does not count.") },
  output: z.object({ stdout: z.string().describe("The id, as project_id prints it.") }),
  repeatable: true,
  run: async ({ input }) => {
    const name = input.name.trim();
    if (name === "" || name.length > 80) throw new ActionFailed("Say which project: a name of 1 to 80 characters.");
    const projects = await readProjects();
    const found = projects.find((project) => project.name.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return { stdout: found.id };
    const names = projects.map((project) => project.name);
    const close = near(name, names, 1 + Math.floor(name.length / 4));
    const suggestion = close.length === 0 ? `There are ${names.join(", ")}.` : `Did you mean ${close.join(" or ")}?`;
    throw new ActionFailed(`There is no project ${name}. ${suggestion}`);
  },
});
