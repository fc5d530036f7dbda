import { openChat } from "@bellhop/sdk/testing";
import { expect, test } from "vitest";

test("what is posted says where it stands, and under which key", async () => {
  const chat = await openChat({ pack: import.meta.dirname });
  const { outcome, text, input, result } = await chat.say("post in here as deploy/web: Deploying **web** …");
  expect({ outcome, text }).toEqual({ outcome: "ok", text: "On its way to terminal:test." });
  expect(input).toMatchObject({ to: "here", key: "deploy/web", text: "Deploying **web** …" });
  expect(result).toMatchObject({ key: "deploy/web", places: [{ room: "terminal:test" }] });
  expect(await chat.say("post as deploy/web: Done. thread=deploy")).toMatchObject({ outcome: "ok" });
  expect(await chat.say("post in #ops as deploy/web: Done.")).toMatchObject({
    outcome: "refused",
    text: expect.stringContaining("names no room"),
  });
});
