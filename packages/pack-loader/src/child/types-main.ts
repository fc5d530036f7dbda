import { once } from "node:events";
import { checkTypes, type TypesRequest } from "./types.ts";

// A process of its own, because a type checker needs several times the memory of a compiler. Nothing of the pack is run in it.
const [request] = (await once(process, "message")) as [TypesRequest];
process.on("disconnect", () => process.exit(0));
process.send?.(checkTypes(request), () => process.disconnect());
