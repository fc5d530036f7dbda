import { defineAlias } from "@bellhop/sdk";
import uuid from "../actions/uuid.ts";

export default defineAlias({ action: uuid, formats: ["uuid"], description: "Make a new UUID", reply: "{{ result }}" });
