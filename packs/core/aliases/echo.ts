import { defineAlias } from "@bellhop/sdk";
import echo from "../actions/echo.ts";

export default defineAlias({
  action: echo,
  formats: ["echo {{ message }}"],
  description: "Say something back",
  reply: "{{ result.stdout }}",
});
