export { startRegistry, type RegistryOptions, type TestRegistry } from "./start-registry.ts";
