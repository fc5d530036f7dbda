import { defineAlias } from "@bellhop/sdk";
import uptime from "../actions/uptime.ts";

export default defineAlias({
  action: uptime,
  formats: ["uptime"],
  description: "Tell how long the runner's machine has been up, and how busy it is",
  reply:
    "{{ result.host }} is up {{ result.up }}. Load {{ result.load[0] }}, {{ result.load[1] }}, {{ result.load[2] }} on {{ result.cpus }} CPUs.",
});
