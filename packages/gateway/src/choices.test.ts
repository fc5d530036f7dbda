import type { Choices } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { choiceLines, choiceName, formWithin, pressables, readChoiceName } from "./choices.ts";

const choices: Choices = {
  press: "7F3K-0123456789",
  items: [
    { kind: "button", label: "Approve", words: "approve 7F3K" },
    {
      kind: "select",
      label: "Where?",
      words: "answer 7F3K region=",
      options: [
        { label: "EU", value: "eu" },
        { label: "New York", value: "new york" },
      ],
    },
    { kind: "form", label: "Answer", words: "answer 7F3K reason=…" },
  ],
};

describe("choices where there is nothing to press", () => {
  it("are numbered one after the other, with the words that do the same; a form has words alone", () => {
    expect(choiceLines(choices, { number: (nth) => (nth < 2 ? `${nth + 1}.` : undefined), hint: "Say one." }).split("\n")).toEqual([
      "- 1. Approve: `approve 7F3K`",
      "- 2. EU: `answer 7F3K region=eu`",
      '- New York: `answer 7F3K region="new york"`',
      "- Answer: `answer 7F3K reason=…`",
      "",
      "Say one.",
    ]);
    expect(pressables(choices).map(({ choice, value }) => [choice, value])).toEqual([
      [0, undefined],
      [1, "eu"],
      [1, "new york"],
    ]);
  });
});

describe("what a platform is told a choice is called", () => {
  it("is read again as it was written, and short enough for all of them", () => {
    const name = choiceName(choices.press, 24);
    expect(readChoiceName(name)).toEqual({ press: choices.press, choice: 24 });
    expect(name.length).toBeLessThan(95);
  });

  it.each(["", "press/", "press/x", "press/x/y", "other/7F3K-0123456789/0", "press/a b/0", "press/x/0/1"])(
    "is not read from %j",
    (name) => {
      expect(readChoiceName(name)).toBeUndefined();
    },
  );
});

describe("a form", () => {
  it("is known, or late where it can't be had in time or at all", async () => {
    expect(await formWithin(30_000, Promise.resolve(undefined))).toEqual({ kind: "known", form: undefined });
    expect(await formWithin(1, new Promise(() => {}))).toEqual({ kind: "late" });
    expect(await formWithin(30_000, Promise.reject(new Error("away")))).toEqual({ kind: "late" });
  });
});
