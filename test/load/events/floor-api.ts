// The API's part of the floor: a bare hono program that notes the sender's name for what happened, stores it, and answers.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { writeHeaders } from "../floor/plan.ts";
import { openWire } from "../floor/wire.ts";
import { child, tell } from "../child.ts";

const wire = await openWire({ ...child.plan, name: "floor api" });
const app = new Hono();

app.post("/v1/webhooks/:path{.+}", async (c) => {
  const id = c.req.header("idempotency-key") ?? "";
  const body = await c.req.json<object>();
  const text = JSON.stringify({ ...body, id, shard: 0, durable: true });
  await new Promise((resolve) => wire.store(`$KV.happened.${id}`, text, resolve, writeHeaders({ after: 0 })));
  await new Promise((resolve) => wire.store("trigger.fired.0", text, resolve));
  return c.json({ event: id }, 202);
});
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => tell({ kind: "listens", url: `http://127.0.0.1:${port}` }));
