import { defineAlias } from "@bellhop/sdk";
import http from "../actions/http.ts";

export default defineAlias({
  action: http,
  // One format: everything but the address has a name, e.g. `http https://example.com method=HEAD`.
  formats: ["http {{ url }}"],
  description: "Make an HTTP request: method=POST, body=…, timeout=… as needed",
  reply: "{{ result.status_code }}\n{{ result.body }}",
});
