import { expect, test } from "vitest";
import { defineAction, defineAlias, defineWorkflow, isWorkflow, z } from "./index.ts";

const build = defineAction({
  description: "Build",
  input: { service: z.string(), jobs: z.int().default(1) },
  run: () => ({ image: "" }),
});
const idle = defineAction({ description: "Nothing", run: () => null });

const release = defineWorkflow({
  description: "Release",
  input: { service: z.string(), token: z.string() },
  secrets: ["token"],
  vars: { tries: 0 },
  tasks: {
    build: {
      action: build,
      input: { service: "<% ctx(service) %>", jobs: 2 },
      retry: { count: "<% ctx(tries) %>", delay: 5 },
      next: [
        { when: "<% succeeded() %>", publish: { image: "<% result().image %>" }, do: ["tell", "wait"] },
        { when: "{{ failed() }}", do: "fail" },
      ],
    },
    tell: { action: "core.echo", input: { anything: 1 }, next: [{ do: "done" }] },
    wait: { action: idle, delay: 5, next: [{ do: "done" }] },
    done: { join: "all" },
    tidy: { action: build, input: "<% ctx(all) %>", with: { items: "h in <% ctx(hosts) %>", concurrency: 2 } },
  },
  output: { image: "<% ctx(image) %>" },
  on_failure: "tidy",
  pause: "branch",
});

test("a workflow is data, and known as one", () => {
  expect(isWorkflow(release)).toBe(true);
  expect(isWorkflow(build)).toBe(false);
  expect(Object.keys(release.input.shape)).toEqual(["service", "token"]);
});

test("an alias and a task take a workflow as they take an action", () => {
  defineAlias({ action: release, formats: ["release {{ service }}"], reply: "{{ result.output.image }}" });
  // @ts-expect-error it has no such input
  defineAlias({ action: release, formats: ["release {{ servize }}"] });
  defineWorkflow({ description: "x", tasks: { a: { action: release, input: { service: "x", token: "y" } } } });
  // @ts-expect-error it needs a token
  defineWorkflow({ description: "x", tasks: { a: { action: release, input: { service: "x" } } } });
});

test("what can't work does not compile", () => {
  // @ts-expect-error there is no task tel
  defineWorkflow({ description: "x", tasks: { a: { next: [{ do: "tel" }] }, tell: {} } });
  // @ts-expect-error nor in a list
  defineWorkflow({ description: "x", tasks: { a: { next: [{ do: ["tell", "tel"] }] }, tell: {} } });
  // @ts-expect-error nor to clean up
  defineWorkflow({ description: "x", tasks: { a: {} }, on_cancel: "b" });
  // @ts-expect-error build needs a service
  defineWorkflow({ description: "x", tasks: { a: { action: build } } });
  // @ts-expect-error build needs a service
  defineWorkflow({ description: "x", tasks: { a: { action: build, input: { jobs: 1 } } } });
  // @ts-expect-error build has no servize
  defineWorkflow({ description: "x", tasks: { a: { action: build, input: { service: "x", servize: "y" } } } });
  // @ts-expect-error jobs is a number
  defineWorkflow({ description: "x", tasks: { a: { action: build, input: { service: "x", jobs: "many" } } } });
  // @ts-expect-error a condition is an expression
  defineWorkflow({ description: "x", tasks: { a: { next: [{ when: "succeeded()", do: "fail" }] } } });
  // @ts-expect-error a task has no such word
  defineWorkflow({ description: "x", tasks: { a: { actoin: build } } });
  // @ts-expect-error only inputs can be secret
  defineWorkflow({ description: "x", input: { a: z.string() }, secrets: ["b"], tasks: { a: {} } });
  expect(isWorkflow(defineWorkflow({ description: "x", tasks: { a: { action: idle } } }))).toBe(true);
});
