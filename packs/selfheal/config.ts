import { defineConfig, z } from "@bellhop/sdk";

/** A folder's name, alone or as a path. Nothing in it leads up again. */
const Folder = z.string().regex(/^(?!.*(^|\/)\.\.?(\/|$))[^\0\n]+$/, "a folder, without . and .. in it");

export const Target = z.object({
  path: Folder.describe("What is looked at: a folder on the disk, as an absolute path."),
  clean: z.array(Folder).default([]).describe("Folders whose oldest files may go: below path, or absolute."),
  more: z.array(Folder).default([]).describe("Folders that are cleaned, too, once a person says so."),
  quota: z
    .number()
    .positive()
    .optional()
    .describe("Makes it a simulated disk of so many megabytes: full when the files in path are as large."),
  shell: z.array(z.string().min(1)).min(1).default(["sh", "-c"]).describe("Words that lead to the target's shell, such as [ssh, web-1]."),
});

/** As many as are listed of a target, the oldest first: a folder of millions would not fit into an action. */
export const mostFiles = 100_000;

export default defineConfig(
  {
    targets: z
      .record(z.string().regex(/^[\w.-]{1,64}$/, "letters, digits, . _ and -"), Target)
      .default({})
      .describe("The disks that may be healed, by the names that alerts and people call them."),
    room: z.string().min(1).default("ops").describe("The room that is told: a name of bellhop.yaml (rooms:), or an address."),
    escalation: z.string().default("").describe("The room that is called when somebody escalates. Without it, the same."),
    roles: z
      .array(z.string())
      .default([])
      .describe("Roles of bellhop.yaml one of which whoever answers needs. Without any, whoever may heal."),
    threshold: z.number().min(1).max(100).default(90).describe("Per cent from which on a disk is full."),
    goal: z.number().min(0).max(99).default(75).describe("Per cent that it is cleaned down to, if there is as much to clean."),
    youngest: z.number().min(0).default(60).describe("Minutes that a file must not have been written for."),
    most_files: z.int().min(1).max(mostFiles).default(1_000).describe("Files that one cleaning removes at most."),
    most_megabytes: z.number().positive().default(20_000).describe("Megabytes that one cleaning removes at most."),
    settle: z.int().min(0).default(5).describe("Seconds between a cleaning and the second look."),
    resolves_within: z.number().min(0).default(10).describe("Minutes in which the alert has to resolve once the disk is fine again."),
    asks_every: z.int().min(1).default(10).describe("Seconds between two questions whether it has."),
    answer_within: z.int().min(1).default(240).describe("Minutes that a person has to say how it goes on."),
    mute_for: z.int().min(1).default(120).describe("Minutes that an alert is muted for where nobody says how long."),
    webhook: z
      .url({ protocol: /^https?$/ })
      .default("http://127.0.0.1:8080/v1/webhooks/alertmanager")
      .describe("Where simulated alerts are sent: our own API."),
    webhook_key: z.string().optional().describe("The API key that simulated alerts are sent with."),
  },
  { secrets: ["webhook_key"] },
);
