/** What has to be there. @throws {Error} where it is not */
export function there<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("it is not there");
  return found;
}
