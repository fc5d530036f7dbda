import { sizeOf } from "./words.ts";

/** What is asked of a unit: systemd's D-Bus properties, org.freedesktop.systemd1(5). */
export const unitFields =
  "Id,Description,LoadState,ActiveState,SubState,UnitFileState,StateChangeTimestamp,MainPID,MemoryCurrent,NRestarts,Result";

export interface Unit {
  readonly unit: string;
  readonly description: string;
  readonly active: string;
  readonly state: string;
  readonly enabled: string;
  readonly since: string;
  readonly pid?: number;
  readonly memory?: number;
  readonly restarts?: number;
  /** The same for people; what is not known has no row. */
  readonly rows: readonly { readonly name: string; readonly value: string }[];
}

/** What `systemctl show` printed; undefined where there is no such unit.
 *  @param text lines of `Name=value` */
export function parseUnit(text: string): Unit | undefined {
  const fields = new Map(
    text
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const),
  );
  const field = (name: string) => fields.get(name) ?? "";
  if (["", "not-found"].includes(field("LoadState"))) return undefined;
  // A process id of 0 is none. What is not counted reads `[not set]`, or is the largest number there is.
  const number = (name: string) => (/^\d{1,15}$/.test(field(name)) ? Number(field(name)) : undefined);
  const [pid, memory, restarts] = [number("MainPID") || undefined, number("MemoryCurrent"), number("NRestarts")];
  const [active, state, enabled, since] = [field("ActiveState"), field("SubState"), field("UnitFileState"), field("StateChangeTimestamp")];
  const because = active === "failed" && !["", "success"].includes(field("Result")) ? `, ${field("Result")}` : "";
  const rows = [
    { name: "What", value: field("Description") },
    { name: "State", value: `${active} (${state}${because})` },
    { name: "Since", value: since },
    { name: "At start", value: enabled },
    { name: "PID", value: pid === undefined ? "" : String(pid) },
    { name: "Memory", value: memory === undefined ? "" : sizeOf(memory) },
    { name: "Restarts", value: restarts ? String(restarts) : "" },
  ].filter(({ value }) => value !== "");
  return {
    unit: field("Id"),
    description: field("Description"),
    active,
    state,
    enabled,
    since,
    ...(pid === undefined ? {} : { pid }),
    ...(memory === undefined ? {} : { memory }),
    ...(restarts === undefined ? {} : { restarts }),
    rows,
  };
}
