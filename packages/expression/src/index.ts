export { readJson, writeJson } from "./json.ts";
export { Float, float, int, isFloat, isInt } from "./number.ts";
