import { defineAlias } from "@bellhop/sdk";
import check from "../actions/check.ts";

export default defineAlias({
  action: check,
  // One format: what is expected has a name, e.g. `check https://example.com status=200,401 text=Welcome`.
  formats: ["check {{ target }}"],
  description: "Check an address, or a configured check by its name: status=…, text=…, tls_days=…, timeout=… as needed",
  reply: "{{ result.text }}",
  ack: { as: "typing" },
});
