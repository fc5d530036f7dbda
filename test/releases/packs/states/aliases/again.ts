import { defineAlias } from "@bellhop/sdk";
import again from "../actions/again.ts";

export default defineAlias({ action: again, formats: ["again {{ word }} for {{ ms }}"], reply: "said {{ result.word }}" });
