import { defineConfig, z } from "@bellhop/sdk";

export default defineConfig(
  {
    url: z
      .string()
      .min(1)
      .describe("nats://host:4222, or several with commas between them; tls:// where the connection has to be encrypted."),
    user: z.string().optional().describe("Whom the server knows, where it asks for user and password."),
    password: z.string().optional(),
    token: z.string().optional().describe("Where the server asks for a token."),
    credentials: z.string().optional().describe("What stands in a .creds file, or the seed of an nkey."),
    ca: z.string().optional().describe("The server's own authority as PEM, where the machine does not know it."),
    domain: z.string().optional().describe("JetStream's domain, where it is not the server's own."),
    timeout: z.number().positive().max(60).default(5).describe("Seconds that the server may take for one answer."),
  },
  { secrets: ["password", "token", "credentials"] },
);
