import { defineConfig, z } from "@bellhop/sdk";
import { Address, Expected } from "./expected.ts";

export default defineConfig({
  checks: z
    .record(z.string(), z.object({ url: Address, ...Expected }))
    .default({})
    .describe("What `check all` looks at, by name."),
  private: z
    .array(z.string())
    .default([])
    .describe("Networks (10.1.0.0/16), addresses and host names that may be checked although they are not public."),
  tls_days: z.int().min(0).default(14).describe("Days that a certificate must still be good for."),
  timeout: z.number().positive().max(120).default(10).describe("Seconds until a check is given up."),
  ca: z.string().optional().describe("Certificates of your own authorities, as PEM, trusted beside the usual ones."),
});
