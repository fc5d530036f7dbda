/** Bounds what would wait for ever, in milliseconds; nothing is measured by it. */
export const patience = 90_000;

/** Looks now and then until it is so. @throws with what there is instead when it takes too long */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { within = patience, everyMs = 20, instead }: { within?: number; everyMs?: number; instead?: () => unknown } = {},
): Promise<void> {
  const end = performance.now() + within;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not so in ${within} ms: ${String(condition)}; ${JSON.stringify(instead?.())}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
