import { createRequire } from "node:module";
import { basename } from "node:path";
import { create, type Service } from "ts-node";

const require = createRequire(import.meta.url);
const services = new Map<string, Service>();

/** TypeScript to JavaScript, file by file, without looking at types: enums, decorators and parameter properties included. The pack's own
 *  tsconfig is not asked, so that the same source gives the same code, and the same digest, everywhere. */
export function compile(file: { path: string; text: string; format: "module" | "commonjs" }): string {
  const code = serviceFor(file.format).compile(file.text, `/${file.path}`);
  return withRelativeMap(code, file.path).replace(oldAttributes, "$1 with {");
}

/** ts-node asks swc for the form of import attributes that engines have given up since. */
const oldAttributes = /^((?:import|export)\b[^;\n]* from ["'][^"'\n]+["']) assert \{/gm;

function serviceFor(format: "module" | "commonjs"): Service {
  const made = services.get(format);
  if (made) return made;
  const service = create({
    compiler: require.resolve("ts6"),
    transpiler: [require.resolve("ts-node/transpilers/swc"), { swc: require.resolve("@swc/core") }],
    cwd: import.meta.dirname,
    transpileOnly: true,
    skipProject: true,
    compilerOptions: {
      module: format === "module" ? "esnext" : "commonjs",
      moduleResolution: format === "module" ? "bundler" : "node10",
      ignoreDeprecations: "6.0",
      target: "es2022",
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      esModuleInterop: true,
      sourceMap: true,
    },
  });
  // ts-node words stacks itself, and knows nothing of maps that it did not make: Node's own way knows those within the code.
  Reflect.deleteProperty(Error, "prepareStackTrace");
  services.set(format, service);
  return service;
}

/** Maps travel with the code: a stack names the pack's own lines on every machine. The source's text and its folder do not. */
function withRelativeMap(code: string, path: string): string {
  const mark = "\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,";
  const at = code.lastIndexOf(mark);
  if (at < 0) return code;
  const map = JSON.parse(Buffer.from(code.slice(at + mark.length), "base64").toString("utf8")) as { mappings: string; names: string[] };
  const kept = { version: 3, sources: [basename(path)], names: map.names, mappings: map.mappings };
  return code.slice(0, at) + mark + Buffer.from(JSON.stringify(kept)).toString("base64") + "\n";
}
