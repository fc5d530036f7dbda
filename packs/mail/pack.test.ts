import { text } from "node:stream/consumers";
import { openChat, runAction } from "@bellhop/sdk/testing";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import sendmail from "./actions/sendmail.ts";

interface Mail {
  from: string;
  to: string[];
  user: string | undefined;
  source: string;
}

const mails: Mail[] = [];
let server: SMTPServer;
let port = 0;

beforeAll(async () => {
  server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth({ username, password }, _, done) {
      if (username === "bellhop" && password === "s3cret") done(null, { user: username });
      else done(new Error("Wrong user or password"));
    },
    onRcptTo({ address }, _, done) {
      if (address.startsWith("nobody@")) done(new Error("No such mailbox here"));
      else done();
    },
    onData(stream, { envelope, user }, done) {
      void text(stream).then((source) => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), user, source });
        done();
      }, done);
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.server.address();
  if (typeof address === "object" && address !== null) port = address.port;
});
beforeEach(() => void mails.splice(0));
afterAll(() => new Promise<void>((resolve) => server.close(resolve)));

const config = (more: object = {}) => ({ host: "127.0.0.1", port, security: "none", from: "bellhop@example.com", ...more });
const mail = { to: "ana@example.com", subject: "Deployed", body: "api is at version 2." };

describe("sendmail", () => {
  test("sends what was said, from whom the pack is configured for", async () => {
    const sent = await runAction(sendmail, mail, { config: config() });
    expect(sent).toMatchObject({ sent: true, accepted: ["ana@example.com"], refused: [], text: "Sent to ana@example.com." });
    expect(mails).toMatchObject([{ from: "bellhop@example.com", to: ["ana@example.com"] }]);
    expect(mails[0]?.source).toMatch(/^Subject: Deployed\r$/m);
    expect(mails[0]?.source).toContain("Content-Type: text/plain");
    expect(mails[0]?.source).toContain("api is at version 2.");
    expect(mails[0]?.source).toContain(`Message-ID: ${sent.message_id}`);
  });

  test("writes to several, in HTML, from somebody else", async () => {
    const to = "ana@example.com, bob@example.com;cem@example.com";
    await runAction(sendmail, { ...mail, to, from: "ops@example.com", content_type: "text/html", body: "<b>2</b>" }, { config: config() });
    expect(mails).toMatchObject([{ from: "ops@example.com", to: ["ana@example.com", "bob@example.com", "cem@example.com"] }]);
    expect(mails[0]?.source).toContain("Content-Type: text/html");
  });

  test("a subject is one line: nothing in it becomes another header", async () => {
    await runAction(sendmail, { ...mail, subject: "Hi\r\nBcc: eve@example.com" }, { config: config() });
    expect(mails).toMatchObject([{ to: ["ana@example.com"] }]);
    expect(mails[0]?.source).not.toMatch(/^Bcc:/m);
  });

  test("takes along the files that came with the command", async () => {
    await runAction(sendmail, mail, { config: config(), files: { "report.csv": "a;b\n" } });
    expect(mails[0]?.source).toContain("filename=report.csv");
    expect(mails[0]?.source).toContain(Buffer.from("a;b\n").toString("base64"));
  });

  test("logs in where it is told to", async () => {
    await runAction(sendmail, mail, { config: config({ user: "bellhop", password: "s3cret" }) });
    expect(mails).toMatchObject([{ user: "bellhop" }]);
    await expect(runAction(sendmail, mail, { config: config({ user: "bellhop", password: "wrong" }) })).rejects.toMatchObject({
      message: expect.stringContaining("127.0.0.1 does not take this user and password"),
      hint: expect.stringContaining("bellhop pack config mail"),
    });
  });

  test("says whom the server did not take it for", async () => {
    const some = await runAction(sendmail, { ...mail, to: "ana@example.com,nobody@example.com" }, { config: config() });
    expect(some).toMatchObject({ accepted: ["ana@example.com"], refused: ["nobody@example.com"] });
    expect(some.text).toBe("Sent to ana@example.com. 127.0.0.1 did not take it for nobody@example.com.");
    await expect(runAction(sendmail, { ...mail, to: "nobody@example.com" }, { config: config() })).rejects.toThrow("took it for nobody");
  });

  test("writes to nobody that the configuration does not allow", async () => {
    const allowed = config({ recipients: ["@Example.com", "dan@example.org"] });
    await runAction(sendmail, { ...mail, to: "Ana@example.COM, dan@example.org" }, { config: allowed });
    expect(mails).toHaveLength(1);
    for (const to of ["eve@example.org", "eve@sub.example.com", "eve@example.com.evil.org"]) {
      await expect(runAction(sendmail, { ...mail, to }, { config: allowed })).rejects.toThrow(`${to} may not be written to.`);
    }
  });

  test.each(["ana", "ana@", "a b@example.com", " , "])('refuses "%s" for an address', async (to) => {
    await expect(runAction(sendmail, { ...mail, to: to.padEnd(3) }, { config: config() })).rejects.toThrow("is no address");
  });

  test("leaves an empty body unsent where it is told to", async () => {
    expect(await runAction(sendmail, { ...mail, body: " ", send_empty_body: false }, { config: config() })).toMatchObject({ sent: false });
    expect(mails).toEqual([]);
  });

  test("does not send unencrypted what is to be encrypted", async () => {
    // The server's certificate is its own, and nobody's authority.
    await expect(runAction(sendmail, mail, { config: config({ security: "starttls" }) })).rejects.toMatchObject({
      message: expect.stringContaining("can't be"),
    });
    expect(mails).toEqual([]);
  });

  test("says who could not be reached", async () => {
    await expect(runAction(sendmail, mail, { config: config({ port: 1 }) })).rejects.toThrow("127.0.0.1 can't be reached");
  });
});

test("the README's transcript is what is said", async () => {
  const chat = await openChat({ pack: import.meta.dirname, config: config({ recipients: ["@example.com"] }) });
  await chat.expectTranscript("README.md");
});
