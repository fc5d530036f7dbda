import { library } from "../signature.ts";
import { branching } from "./branching.ts";
import { collections } from "./collections.ts";
import { dates } from "./dates.ts";
import { math } from "./math.ts";
import { orquesta } from "./orquesta.ts";
import { making } from "./making.ts";
import { merging } from "./merging.ts";
import { ordering } from "./ordering.ts";
import { queries } from "./queries.ts";
import { regexes } from "./regexes.ts";
import { stackstorm } from "./stackstorm.ts";
import { strings } from "./strings.ts";
import { summaries } from "./summaries.ts";
import { system } from "./system.ts";

/** All functions and methods there are. */
export const everything = library([
  system,
  branching,
  strings,
  math,
  collections,
  queries,
  summaries,
  ordering,
  making,
  merging,
  regexes,
  dates,
  orquesta,
  stackstorm,
]);
