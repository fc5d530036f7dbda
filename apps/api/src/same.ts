import { hash, timingSafeEqual } from "node:crypto";

/** Whether two secrets are the same. How long it takes tells neither where they differ nor how long they are. */
export function isSame(found: string | Uint8Array, wanted: string | Uint8Array): boolean {
  return timingSafeEqual(digest(found), digest(wanted));
}

function digest(secret: string | Uint8Array): Buffer {
  return hash("sha256", secret, "buffer");
}
