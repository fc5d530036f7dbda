import { readFile } from "node:fs/promises";
import { ActionFailed, defineAction, z, type ConfigValues } from "@bellhop/sdk";
import { createTransport, type Transporter } from "nodemailer";
import config from "../config.ts";

export default defineAction({
  description: "Send a mail, with the files that came with the command",
  config,
  input: {
    to: z.string().min(3).describe("Addresses, with commas between them."),
    subject: z.string().min(1).max(500).describe("What it is about, in one line."),
    body: z.string().describe("What it says."),
    from: z.email().optional().describe("Who it is from; absent: as the pack is configured."),
    content_type: z.enum(["text/plain", "text/html"]).default("text/plain").describe("What the body is."),
    send_empty_body: z.boolean().default(true).describe("Whether it is sent where the body is empty."),
  },
  output: z.object({
    sent: z.boolean(),
    accepted: z.array(z.string()).describe("Who the server took it for."),
    refused: z.array(z.string()).describe("Who it did not take it for."),
    message_id: z.string().optional(),
    text: z.string().describe("What was done, for people."),
  }),
  timeout: 120,
  run: async ({ input, config, files, signal }) => {
    const to = addressesIn(input.to, config.recipients);
    if (input.body.trim() === "" && !input.send_empty_body) {
      return { sent: false, accepted: [], refused: [], text: "The body is empty, so nothing was sent." };
    }
    const transport = transportTo(config);
    try {
      const told = await transport.sendMail({
        from: input.from ?? config.from,
        to,
        subject: input.subject.replace(/\s+/g, " "),
        [input.content_type === "text/html" ? "html" : "text"]: input.body,
        attachments: await Promise.all(
          files.map(async ({ name, type, path }) => ({ filename: name, contentType: type, content: await readFile(path) })),
        ),
        signal,
      });
      const [accepted, refused] = [told.accepted ?? [], told.rejected ?? []];
      const not = refused.length === 0 ? "" : ` ${config.host} did not take it for ${refused.join(", ")}.`;
      return { sent: true, accepted, refused, message_id: told.messageId, text: `Sent to ${accepted.join(", ")}.${not}` };
    } catch (error) {
      throw signal.aborted ? error : explained(error, config.host);
    } finally {
      transport.close();
    }
  },
});

/** @throws ActionFailed where one is no address, or may not be written to */
function addressesIn(given: string, allowed: readonly string[] | undefined): string[] {
  const addresses = given.split(/[,;]/).flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
  const wrong = addresses.find((address) => !z.email().safeParse(address).success);
  if (wrong !== undefined || addresses.length === 0) {
    throw new ActionFailed(`"${(wrong ?? given).slice(0, 100)}" is no address.`, {
      hint: "Write addresses with commas between them: ana@example.com, bob@example.com.",
    });
  }
  const isAllowed = (address: string) =>
    allowed?.some((one) =>
      one.startsWith("@") ? address.toLowerCase().endsWith(one.toLowerCase()) : address.toLowerCase() === one.toLowerCase(),
    );
  const other = addresses.find((address) => isAllowed(address) === false);
  if (other === undefined) return addresses;
  throw new ActionFailed(`${other} may not be written to.`, {
    hint: `The pack's configuration allows ${allowed?.join(", ") || "nobody"} (recipients).`,
  });
}

function transportTo({ host, port, security, user, password, ca }: ConfigValues<typeof config>): Transporter {
  return createTransport({
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(user === undefined ? {} : { auth: { user, pass: password ?? "" } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    // What is said in a chat must not make this machine read files of its own, or fetch what lies elsewhere.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function explained(error: unknown, host: string): ActionFailed {
  const { code = "", response = "", message } = error as Error & { code?: string; response?: string };
  const said = response === "" ? message : response;
  switch (code) {
    case "EAUTH":
      return new ActionFailed(`${host} does not take this user and password: ${said}`, {
        cause: error,
        hint: "`bellhop pack config mail` shows and sets them.",
      });
    case "EENVELOPE":
      return new ActionFailed(`${host} took it for nobody: ${said}`, { cause: error });
    case "ETLS":
      return new ActionFailed(`The connection to ${host} can't be encrypted: ${said}`, {
        cause: error,
        hint: "security of the pack's configuration says how: starttls, tls or none; ca names an authority that the machine does not know.",
      });
    default:
      return new ActionFailed(`${host} can't be reached, or did not take the mail: ${said}`, { cause: error });
  }
}
