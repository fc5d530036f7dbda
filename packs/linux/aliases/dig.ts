import { defineAlias } from "@bellhop/sdk";
import dig from "../actions/dig.ts";

export default defineAlias({
  action: dig,
  formats: ["dig {{ hostname }} {{ querytype = A }}", "dig {{ hostname }} {{ querytype }} @{{ nameserver }}"],
  description: "Ask DNS about a name: dig example.com MX @9.9.9.9",
  reply: "{{ result.name }}\n\n{{ result.table }}",
});
