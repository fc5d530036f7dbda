import { defineAlias } from "@bellhop/sdk";
import nap from "../actions/nap.ts";

export default defineAlias({ action: nap, formats: ["bench nap"], reply: "slept" });
