import { expect, test } from "vitest";
import { compileWorkflow } from "../definition.ts";
import { drawingOf, mermaid, svg } from "./index.ts";

const workflow = compileWorkflow({
  version: 1,
  on_failure: "tell",
  tasks: {
    build: {
      action: 'core.local cmd="make <all>"',
      retry: { count: 2 },
      next: [
        { when: "<% succeeded() %>", do: "test, lint" },
        { when: "<% failed() and ctx(tries) > 3 %>", do: "fail" },
        { when: "<% failed() %>", do: "fail" },
      ],
    },
    test: { action: "ci.test", with: "host in <% ctx(hosts) %>", next: [{ do: "publish" }] },
    lint: { action: "ci.lint", delay: 5, next: [{ do: "publish" }, { when: "<% failed() %>", do: "continue" }] },
    publish: { action: "<% ctx(how) %>", join: "all", timeout: 60, next: [{ do: "noop" }] },
    tell: { action: "chat.tell" },
  },
});

test("Mermaid has a box for each task and a line for each way", () => {
  expect(mermaid(drawingOf(workflow))).toBe(`flowchart TD
  t0["<b>build</b><br>core.local<br>2 more attempts"]
  t1["<b>test</b><br>ci.test<br>for each host"]
  t2["<b>lint</b><br>ci.lint<br>after 5 s"]
  t3["<b>publish</b><br>#60;% ctx(how) %#62;<br>once all are there<br>within 60 s"]
  t4["<b>tell</b><br>chat.tell<br>when failed"]
  t5(["fail"])
  t6(["noop"])
  t0 -->|"failed and ctx(tries) #62; 3 or failed"| t5
  t0 -->|"succeeded"| t2
  t0 -->|"succeeded"| t1
  t1 --> t3
  t2 --> t3
  t3 --> t6
`);
});

test("of a run the boxes have the colours of their states", () => {
  const drawn = mermaid(drawingOf(workflow, { build: "succeeded", lint: "failed" }));
  expect(drawn).toContain('t0["<b>build</b><br>core.local<br>2 more attempts<br><i>succeeded</i>"]:::s0');
  expect(drawn).toContain('<br><i>not begun</i>"]:::s1');
  expect(drawn).toMatch(/classDef s0 fill:#d5f2dc/);
  expect(drawn).toMatch(/classDef s2 fill:#fbdada/);
});

test("an SVG has each box within its frame, and no two boxes lie upon each other", () => {
  const drawn = svg(drawingOf(workflow, { build: "running" }), "a < b");
  const [, width = 0, height = 0] = /<svg [^>]*width="(\d+)" height="(\d+)"/.exec(drawn)?.map(Number) ?? [];
  const boxes = Array.from(
    drawn.matchAll(/<g><rect x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="(\d+)" rx="[\d.]+" fill="[^"]*" stroke/g),
    (found) => {
      const [, x = 0, y = 0, w = 0, h = 0] = found.map(Number);
      return { x, y, right: x + w, bottom: y + h };
    },
  );
  expect(boxes).toHaveLength(7);
  for (const box of boxes) {
    expect(box.right).toBeLessThanOrEqual(width);
    expect(box.bottom).toBeLessThanOrEqual(height);
    const over = boxes.filter((one) => one !== box && one.x < box.right && box.x < one.right && one.y < box.bottom && box.y < one.bottom);
    expect(over).toEqual([]);
  }
  expect(drawn).toContain("<title>a &#60; b</title>");
  expect(drawn).toContain(">&#60;% ctx(how) %&#62;</text>");
  expect(drawn.match(/marker-end/g)).toHaveLength(6);
});

test("a task that leads back to itself, and one that was come to before, are drawn", () => {
  const looped = compileWorkflow({
    tasks: {
      a: { next: [{ do: "b" }] },
      b: { next: [{ when: "<% result().more %>", do: "b" }, { do: "a2" }] },
      a2: { next: [{ do: "b" }] },
    },
  });
  expect(svg(drawingOf(looped), "loop").match(/marker-end/g)).toHaveLength(4);
});
