import { defineAlias } from "@bellhop/sdk";
import hold from "../actions/hold.ts";

export default defineAlias({ action: hold, formats: ["hold {{ word }} for {{ ms }}"], reply: "said {{ result.word }}" });
