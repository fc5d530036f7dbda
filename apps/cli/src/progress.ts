import { note } from "./report.ts";

const quietMs = 1_000;

/** Does a step, and says on standard error that it is being waited for once that takes over a second. */
export async function step<Result>(what: string, work: Promise<Result>): Promise<Result> {
  const began = performance.now();
  let told = false;
  const timer = setTimeout(() => {
    told = true;
    note(`${what} …`);
  }, quietMs);
  try {
    const result = await work;
    if (told) note(`${what}: done after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}
