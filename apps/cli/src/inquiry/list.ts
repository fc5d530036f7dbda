import { askedFields } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import { hasColour, note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { renderMarkdown } from "../terminal/markdown.ts";
import { clock, stamp } from "../times.ts";
import { withBus } from "../with-bus.ts";
import { nameInquiry, openInquiries, type OpenInquiry } from "./open.ts";

/** `bellhop inquiry list` */
export async function inquiryList({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop inquiry list", async (bus) => {
    const open = await openInquiries(bus);
    if (json) process.stdout.write(`${JSON.stringify({ inquiries: open.map(factsOf) })}\n`);
    else if (open.length === 0) note("Nothing waits for an answer.");
    else {
      printTable(
        ["ID", "RUN", "ACTION", "SINCE", "WHERE", "ASKED"],
        open.map((one) => {
          const { id, run, action, since, where, text } = factsOf(one);
          return [id, run, action, clock(since), where, text.replace(/\s+/g, " ").slice(0, 80)];
        }),
      );
    }
    return 0;
  });
}

/** `bellhop inquiry show` @throws Problem inquiry_unknown, press_several */
export async function inquiryShow(name: string, { json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop inquiry show", async (bus) => {
    const found = await nameInquiry(bus, name);
    const facts = factsOf(found);
    if (json) {
      process.stdout.write(`${JSON.stringify({ ...facts, schema: found.inquiry.asks.schema })}\n`);
      return 0;
    }
    const { id, run, action, since, until, where, users, roles, text } = facts;
    const who = [...users, ...roles.map((role) => `role ${role}`)].join(", ");
    const fields = Object.entries(askedFields(found.inquiry.asks)).map(([field, { type = "anything", required, description = "" }]) => {
      const kind = `${Array.isArray(type) ? type.join(" or ") : type}${required === true ? ", needed" : ""}`;
      return `- ${field} (${kind})${description === "" ? "" : `: ${description}`}`;
    });
    const lines = [
      `${action}, run ${run}`,
      `asked ${stamp(since)} in ${where}, waits ${until === undefined ? "for ever" : `until ${stamp(until)}`}`,
      `answered by ${who === "" ? `whoever may run ${action} there` : who}`,
      "",
      renderMarkdown(text, { colour: hasColour(process.stdout) }),
      "",
      ...fields,
      "",
      `bellhop inquiry answer ${id.slice(0, 4)} KEY=VALUE …`,
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    return 0;
  });
}

function factsOf({ press, run, task, inquiry }: OpenInquiry) {
  const { action, asks, at: since, until } = inquiry;
  const { users, roles, text, to } = asks;
  const where = `${to.platform}:${to.space === undefined ? "" : `${to.space}/`}${to.channel}`;
  return { id: press.id, run, task, action, since, ...(until === undefined ? {} : { until }), where, users, roles, text };
}
