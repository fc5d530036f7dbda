import { z } from "@bellhop/sdk";

/** What an answer has to be like. */
export const Expected = {
  status: z.array(z.int().min(100).max(599)).optional().describe("Statuses that are good, such as 200,204. Without it, 200 to 299."),
  text: z.string().min(1).optional().describe("What the answer's first megabyte has to contain."),
  tls_days: z.int().min(0).optional().describe("Days that the certificate must still be good for."),
  timeout: z.number().positive().max(120).optional().describe("Seconds until it is given up, redirects included."),
};

export const Address = z.url({ protocol: /^https?$/, error: "an address that starts with http:// or https://" });

/** The pack's configuration. */
export const Settings = z.object({
  checks: z
    .record(z.string(), z.object({ url: Address, ...Expected }))
    .default({})
    .describe("What is checked, by name."),
  private: z
    .array(z.string())
    .default([])
    .describe("Networks (10.1.0.0/16), addresses and host names that may be checked although they are not public."),
  tls_days: z.int().min(0).default(14).describe("Days that a certificate must still be good for."),
  timeout: z.number().positive().max(120).default(10).describe("Seconds until a check is given up."),
  ca: z.string().optional().describe("Certificates of your own authorities, as PEM, trusted beside the usual ones."),
});
export type Settings = z.infer<typeof Settings>;
