import { defineConfig, z } from "@bellhop/sdk";

export default defineConfig(
  {
    token: z
      .string()
      .optional()
      .describe("A personal access token, or one of an app. Without it: public repositories, to be read only, 60 requests an hour."),
    api: z
      .url({ protocol: /^https?$/ })
      .default("https://api.github.com")
      .describe("Where the API is; https://github.example.com/api/v3 for a GitHub Enterprise Server."),
    repo: z.string().optional().describe("The repository that is meant where a command names none, as owner/name."),
  },
  { secrets: ["token"] },
);
