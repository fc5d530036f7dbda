import { defineAlias } from "@bellhop/sdk";
import simulate from "../actions/simulate.ts";

export default defineAlias({
  action: simulate,
  // With stubborn=true it is full where only a person lets it be cleaned.
  formats: ["simulate disk full on {{ target }}"],
  description: "Fill a simulated disk, and send the alert that a monitor would send",
  reply: "{{ result.text }}",
});
