import { connectBus } from "@bellhop/bus";
import { buckets, durations } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";
import { startCluster } from "./servers.ts";

export interface CopiesFindings {
  faults: string[];
  /** Written and read back while copies were made and given up. */
  writes: number;
}

/** From one copy to three and back, by the same plan as everything else, while somebody writes by compare-and-set and reads what was written. */
export async function changeCopies(): Promise<CopiesFindings> {
  const cluster = await startCluster();
  const bus = await connectBus({ url: cluster.url, name: "copies", durations: { ...durations }, log: silentLog });
  const faults: string[] = [];
  let writes = 0;
  let over = false;

  async function apply(replicas: number): Promise<void> {
    const { failed, findings } = await bus.apply({ replicas });
    for (const { name, why } of failed) faults.push(`${replicas} copies of ${name}: ${why}`);
    for (const { name, kind } of findings) if (kind !== "right") faults.push(`${replicas} copies of ${name}: ${kind}`);
  }

  async function writeAndRead(): Promise<void> {
    const owners = bus.bucket(buckets.owners);
    for (let revision = await owners.put("owners", { v: 1, owners: [] }); !over; writes++) {
      const next = await owners.update("owners", { v: 1, owners: [`slack:T1/U${writes}`] }, revision);
      if (next === undefined) return void faults.push(`write ${writes}: nobody else wrote, and it was lost`);
      const read = await owners.get("owners");
      if (read?.revision !== next) faults.push(`write ${writes}: ${read?.revision} was read after ${next} was written`);
      const listed = await owners.entries();
      if (listed[0]?.revision !== next) faults.push(`write ${writes}: ${listed[0]?.revision} was listed after ${next} was written`);
      revision = next;
    }
  }

  try {
    await apply(1);
    const writing = writeAndRead();
    await apply(3);
    await apply(1);
    over = true;
    await writing;
    return { faults, writes };
  } finally {
    await bus.drain();
    await cluster.stop();
  }
}
