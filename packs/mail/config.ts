import { defineConfig, z } from "@bellhop/sdk";

export default defineConfig(
  {
    host: z.string().min(1).describe("The mail server that takes mail from here, such as smtp.example.com."),
    port: z.int().min(1).max(65_535).default(587).describe("587 with starttls, 465 with tls, 25 on a machine of its own."),
    security: z
      .enum(["starttls", "tls", "none"])
      .default("starttls")
      .describe("How the connection is encrypted. none: not at all, for a server on this machine."),
    user: z.string().optional().describe("Whom the server knows, where it asks for user and password."),
    password: z.string().optional(),
    from: z.email().describe("Who mail is from, where a command does not say."),
    recipients: z
      .array(z.string().regex(/^[^\s@]*@[^\s@]+$/, "an address, or @domain"))
      .optional()
      .describe("Who may be written to: addresses, or @example.com for all of a domain. Absent: everybody."),
    ca: z.string().optional().describe("The server's own authority as PEM, where the machine does not know it."),
  },
  { secrets: ["password"] },
);
