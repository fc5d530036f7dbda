import { openChat, runAction } from "@bellhop/sdk/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import check from "./actions/check.ts";
import checkAll from "./actions/check_all.ts";
import { startServers, type Servers } from "./test/servers.ts";

let servers: Servers;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.close());

/** With the servers of this test allowed and trusted. */
const config = (more: object = {}) => ({ private: ["127.0.0.1"], ca: servers.ca, ...more });

describe("check", () => {
  test("tells status and time of an address that is up", async () => {
    const result = await runAction(check, { target: `${servers.plain}/ok` }, { config: config() });
    expect(result).toMatchObject({ up: true, status: 200, url: `${servers.plain}/ok`, redirects: [] });
    expect(result.text).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/ok is up: 200 in \d+ ms\.$/);
  });

  test("tells how long the certificate is good, also where the scheme was left out", async () => {
    const result = await runAction(check, { target: servers.tls.replace("https://", "") }, { config: config() });
    expect(result).toMatchObject({ up: true, tls_days: 29, url: servers.tls });
    expect(result.text).toMatch(/ is up: 200 in \d+ ms, certificate good for 29 days\.$/);
  });

  test("follows redirects, each of which it tells", async () => {
    const second = `${servers.tls}/to?${encodeURIComponent("/end")}`;
    const result = await runAction(check, { target: `${servers.plain}/to?${encodeURIComponent(second)}` }, { config: config() });
    expect(result).toMatchObject({ up: true, status: 200, tls_days: 29, redirects: [second, `${servers.tls}/end`] });
    expect(result.text).toContain(`Sent on to ${servers.tls}/end.`);
  });

  test("does not follow a redirect that is what was expected", async () => {
    const result = await runAction(check, { target: `${servers.plain}/to?/elsewhere`, status: [301, 302] }, { config: config() });
    expect(result).toMatchObject({ up: true, status: 302, redirects: [] });
    expect(servers.asked.get("/elsewhere")).toBeUndefined();
  });

  const down: [
    what: string,
    input: () => { target: string; status?: number[]; text?: string; tls_days?: number; timeout?: number },
    why: string,
  ][] = [
    ["another status", () => ({ target: `${servers.plain}/503` }), "is down: it said 503, not 200 to 299."],
    ["a status that was not asked for", () => ({ target: servers.plain, status: [401, 403] }), "it said 200, not 401 or 403."],
    ["a text that is not there", () => ({ target: servers.plain, text: "Willkommen" }), 'its answer does not contain "Willkommen".'],
    ["a text that comes after a megabyte", () => ({ target: `${servers.plain}/long`, text: "needle" }), "does not contain"],
    ["a certificate that is over soon", () => ({ target: servers.tls, tls_days: 31 }), "its certificate is good for 29 days more, not 31."],
    ["a certificate that is over", () => ({ target: servers.over }), "its certificate is over."],
    ["no answer", () => ({ target: `${servers.plain}/never`, timeout: 0.2 }), "it did not answer within 0.2 s."],
    ["nobody there", () => ({ target: "http://127.0.0.1:1/" }), "it refuses connections."],
    ["TLS where there is none", () => ({ target: servers.plain.replace("http:", "https:") }), "it does not speak TLS as it should."],
    ["redirects without end", () => ({ target: `${servers.plain}/again` }), "it sends on more than 5 times."],
    [
      "a redirect to no web address",
      () => ({ target: `${servers.plain}/to?ftp:%2F%2Fexample.com` }),
      "it sends on to ftp:, which is no web address.",
    ],
  ];
  test.each(down)("%s means that it is down, and keeps the result", async (_, input, why) => {
    await expect(runAction(check, input(), { config: config() })).rejects.toMatchObject({
      name: "ActionFailed",
      message: expect.stringContaining(why),
      result: { up: false },
    });
  });

  test("a certificate of an authority that is not known here is no good", async () => {
    await expect(runAction(check, { target: servers.tls }, { config: config({ ca: undefined }) })).rejects.toThrow(
      "it signed its certificate itself.",
    );
  });

  test("what is not public is not spoken to, not by way of a redirect either", async () => {
    const metadata = "http://169.254.169.254/latest/meta-data/";
    for (const target of [metadata, `${servers.plain}/to?${encodeURIComponent(metadata)}`])
      await expect(runAction(check, { target }, { config: config() })).rejects.toThrow("169.254.169.254 is not on the public internet");
    const before = servers.asked.get("/private");
    await expect(runAction(check, { target: `${servers.plain}/private` }, { config: {} })).rejects.toThrow("may not be checked");
    await expect(runAction(check, { target: `${servers.plain.replace("127.0.0.1", "localhost")}/private` }, {})).rejects.toThrow(
      "localhost is not on the public internet",
    );
    expect(servers.asked.get("/private")).toBe(before);
  });

  test("a configured check goes by its name, and what the command says wins", async () => {
    const checks = { shop: { url: `${servers.plain}/503`, status: [503], text: "so it is" } };
    expect(await runAction(check, { target: "shop" }, { config: config({ checks }) })).toMatchObject({ up: true, status: 503 });
    await expect(runAction(check, { target: "shop", status: [200] }, { config: config({ checks }) })).rejects.toThrow(
      "it said 503, not 200.",
    );
    await expect(runAction(check, { target: "shopp" }, { config: config({ checks }) })).rejects.toThrow(
      '"shopp" is neither an address nor the name of a check: there are shop.',
    );
  });

  test("shows no password that stands in an address", async () => {
    const target = servers.plain.replace("//", "//ana:sesame@");
    expect(JSON.stringify(await runAction(check, { target }, { config: config() }))).not.toContain("sesame");
  });

  test("ends when it is cancelled", async () => {
    const cancel = new AbortController();
    const checking = runAction(check, { target: `${servers.plain}/never`, timeout: 100 }, { config: config(), signal: cancel.signal });
    cancel.abort();
    await expect(checking).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("check_all", () => {
  test("tells of each in a table", async () => {
    const checks = { shop: { url: servers.plain, text: "hello" }, api: { url: `${servers.tls}/to?/end` } };
    const { checks: rows, text } = await runAction(checkAll, {}, { config: config({ checks }) });
    expect(rows).toMatchObject([
      { check: "api", up: true, status: 200, tls_days: 29, redirects: [`${servers.tls}/end`] },
      { check: "shop", up: true, status: 200, redirects: [] },
    ]);
    expect(
      text
        .replace(/ \d+ \| 29/, " 7 | 29")
        .split("\n")
        .slice(0, 3),
    ).toEqual([
      "| Check | Up | Status | ms | TLS days | Redirects | Why |",
      "| --- | --- | ---: | ---: | ---: | ---: | --- |",
      "| api | ✅ | 200 | 7 | 29 | 1 |  |",
    ]);
  });

  test("fails with the table, what is down on top, where one is down or may not be checked", async () => {
    const checks = { a: { url: servers.plain }, b: { url: `${servers.plain}/500` }, c: { url: "http://10.0.0.1/" } };
    await expect(runAction(checkAll, {}, { config: config({ checks }) })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^2 of 3 are down\.\n\n\| Check [^]*\n\| b \| ❌ \| 500 [^]*\n\| c \| ❌ \|.*may not be checked[^]*\n\| a \| ✅ /,
      ),
      result: {
        checks: [
          { check: "b", up: false },
          { check: "c", up: false },
          { check: "a", up: true },
        ],
      },
    });
  });

  test("says how to add the first one", async () => {
    await expect(runAction(checkAll, {}, { config: {} })).rejects.toMatchObject({
      message: "No check is configured.",
      hint: expect.stringContaining("checks"),
    });
  });
});

test("the README tells how it answers", async () => {
  const checks = { shop: { url: servers.tls }, blog: { url: servers.plain } };
  const chat = await openChat({
    pack: import.meta.dirname,
    config: config({ checks: { ...checks, till: { url: `${servers.plain}/503` } } }),
  });
  await chat.expectTranscript("README.md");
});
