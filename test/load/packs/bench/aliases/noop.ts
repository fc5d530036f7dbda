import { defineAlias } from "@bellhop/sdk";
import noop from "../actions/noop.ts";

export default defineAlias({ action: noop, formats: ["bench noop"], reply: "done: {{ result.done }}" });
