import { afterEach, beforeEach, describe } from "vitest";
import { hearingCases } from "./contract-hearing.ts";
import { pressingCases } from "./contract-pressing.ts";
import { sayingCases } from "./contract-saying.ts";
import { createScene } from "./contract-scene.ts";
import type { Stage } from "./stage.ts";

export { placeOf } from "./contract-scene.ts";
export type { Stage } from "./stage.ts";
export { testInbox, type TestInbox } from "./test-inbox.ts";

/** The cases that every adapter passes: call it in the adapter's own test file. Cases about what a stage or a platform can't do are skipped. */
export function adapterContract({ name, start }: { name: string; start: () => Promise<Stage> }): void {
  describe(`${name} as an adapter`, () => {
    const scene = createScene(start);
    beforeEach(() => scene.begin());
    afterEach(() => scene.end());
    hearingCases(scene);
    sayingCases(scene);
    pressingCases(scene);
  });
}
