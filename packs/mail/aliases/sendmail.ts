import { defineAlias } from "@bellhop/sdk";
import sendmail from "../actions/sendmail.ts";

export default defineAlias({
  action: sendmail,
  formats: ["mail to {{ to }} about {{ subject }}: {{ body }}"],
  description: "Send a mail, with the files that came with the command",
  reply: "{{ result.text }}",
});
