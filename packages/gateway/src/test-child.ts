import { scaled } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";
import { runGateway } from "./run-gateway.ts";
import { openSpool } from "./spool.ts";
import { Board } from "./test-board.ts";
import { connectAs, wall } from "./test-wall.ts";

/** A gateway that hears the ids that its parent sends, and says each when it is stored: for tests that kill it. */
const [url = "", credentials = "", account = "", folder = ""] = process.argv.slice(2);
process.once("disconnect", () => process.exit());
const durations = scaled(0.1);
const log = silentLog;
const bus = await connectAs("gateway", { url, credentials, durations });
const spool = await openSpool({ bus, folder, durations, log });
const adapter = new Board(account).adapter("child", (inbox) => {
  process.on("message", (id) => {
    void inbox.receive(wall(account).said(String(id))).then(() => process.send?.(id));
  });
});
await runGateway({ adapter, bus, spool, durations, log });
process.send?.("ready");
