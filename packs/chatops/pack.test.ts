import { openChat } from "@bellhop/sdk/testing";
import { expect, test } from "vitest";

test("a run that nobody knows has no result that could be shown", async () => {
  const chat = await openChat({ pack: import.meta.dirname });
  expect(await chat.say("post result of 01JD4M0000ABCDEFGHJKMNPQ0A in here")).toMatchObject({
    outcome: "failed",
    input: { execution_id: "01JD4M0000ABCDEFGHJKMNPQ0A", channel: "here", whisper: false },
    text: expect.stringContaining("01JD4M0000ABCDEFGHJKMNPQ0A"),
  });
});
