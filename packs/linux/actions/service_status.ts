import { hostname } from "node:os";
import { ActionFailed, code, defineAction, table, z } from "@bellhop/sdk";
import { runProgram } from "./lib/program.ts";
import { parseUnit, unitFields } from "./lib/unit.ts";

export default defineAction({
  description: "Tell how a service of this machine's systemd is",
  input: {
    service: z
      .string()
      .regex(/^[A-Za-z0-9_@:.\\][A-Za-z0-9_@:.\\-]{0,254}$/, "a unit's name, such as nginx or backup.timer")
      .describe("The unit; .service is added where it says no other kind."),
  },
  output: z.object({
    host: z.string().describe("The machine that the runner is on."),
    unit: z.string(),
    description: z.string(),
    active: z.string().describe("active, inactive, failed, activating …"),
    state: z.string().describe("The same in the unit's own words: running, exited, dead …"),
    enabled: z.string().describe("Whether it starts with the machine: enabled, disabled, static …; empty where systemd does not say."),
    since: z.string().describe("Since when it is so, in systemd's words; empty where it never was active."),
    pid: z.int().optional(),
    memory: z.int().optional().describe("In bytes."),
    restarts: z.int().optional(),
    table: z.string().describe("The same for people, in Markdown."),
  }),
  repeatable: true,
  run: async ({ input: { service }, signal }) => {
    const said = await runProgram("systemctl", ["show", `--property=${unitFields}`, "--", service], { debian: "systemd", signal });
    if (said.code !== 0) throw notThere(said.stderr);
    const unit = parseUnit(said.stdout);
    if (unit === undefined)
      throw new ActionFailed(`${hostname()} has no unit ${service}.`, { hint: "`systemctl list-units` there lists them." });
    const { rows, ...facts } = unit;
    return { host: hostname(), ...facts, table: table(rows, { [code(unit.unit)]: ({ name }) => name, " ": ({ value }) => value }) };
  },
});

function notThere(stderr: string): ActionFailed {
  const said = stderr.trim().split("\n")[0] ?? "";
  if (!/not been booted with systemd|connect to bus/i.test(stderr)) return new ActionFailed(`systemctl failed on ${hostname()}: ${said}`);
  return new ActionFailed(`systemd does not run on ${hostname()}, so it has no services to tell of.`, {
    hint: "In a container services are their own containers: ask a runner on the machine itself.",
  });
}
