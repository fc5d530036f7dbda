import { defineAlias } from "@bellhop/sdk";
import fileInfo from "../actions/file_info.ts";

export default defineAlias({
  action: fileInfo,
  formats: ["file info"],
  description: "Tell what files came with this message",
  reply: "{{ result.table }}",
});
