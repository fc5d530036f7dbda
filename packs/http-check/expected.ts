import { z } from "@bellhop/sdk";

export const Address = z.url({ protocol: /^https?$/, error: "an address that starts with http:// or https://" });

/** What an answer has to be like: as a command says it, and as a configured check does. */
export const Expected = {
  status: z.array(z.int().min(100).max(599)).optional().describe("Statuses that are good, such as 200,204. Without it, 200 to 299."),
  text: z.string().min(1).optional().describe("What the answer's first megabyte has to contain."),
  tls_days: z.int().min(0).optional().describe("Days that the certificate must still be good for."),
  timeout: z.number().positive().max(120).optional().describe("Seconds until it is given up, redirects included."),
};
