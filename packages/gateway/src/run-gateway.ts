import type { Send } from "@bellhop/contracts";
import { noTelemetry, type Service } from "@bellhop/service";
import { usualPrefixes, type Prefixes } from "./addressing.ts";
import { followAwaited } from "./awaited.ts";
import { atMost } from "./at-most.ts";
import { createFullNotices } from "./full-notices.ts";
import { createInbox } from "./inbox.ts";
import { keepSending, type SendingOptions } from "./sending.ts";
import { openSpool, type Spool } from "./spool.ts";

export interface GatewayOptions extends Omit<SendingOptions, "stopping" | "onVoice"> {
  /** The process's own. Without it nothing is taken while NATS is away. */
  spool?: Spool;
  /** Default: `!` everywhere. */
  prefixes?: Prefixes;
}

/** Connects one account of a chat platform with the bus. Any number of gateways may receive for an account; the one that holds it sends, and when
 *  it dies the next takes over. Bus and spool stay open at `stop()`: they are their owner's.
 *  @throws what the adapter fails with before it is connected */
export async function runGateway({ spool, prefixes = usualPrefixes, ...options }: GatewayOptions): Promise<Service> {
  const { adapter, bus, durations, telemetry = noTelemetry } = options;
  const { platform, account } = adapter;
  const log = options.log.child({ platform, account });
  const stopping = new AbortController();
  const failure = Promise.withResolvers<never>();
  // Whoever started us may look at it later than it happens.
  failure.promise.catch(() => {});
  adapter.failed?.catch(failure.reject);

  const way = spool ?? (await openSpool({ bus, durations, log }));
  const awaited = followAwaited({ bus, platform, account });
  const inbox = createInbox({ bus, spool: way, awaited, platform, account, prefixes, durations, log, telemetry });
  let voice: ((send: Send) => Promise<void>) | undefined;
  const notices = createFullNotices({
    platform,
    account,
    spool: way,
    afterMs: durations.unclaimedNotice,
    say: async (send) => voice?.(send),
    log,
  });
  const sending = keepSending({ ...options, log, stopping: stopping.signal, onVoice: (say) => (voice = say) });
  sending.catch(failure.reject);
  try {
    await Promise.race([adapter.connect(inbox), failure.promise]);
  } catch (error) {
    await stop();
    throw error;
  }
  log.info({}, "gateway started");

  return { failed: failure.promise, stop };

  async function stop(): Promise<void> {
    stopping.abort();
    notices.stop();
    awaited.stop();
    const left = adapter.disconnect().catch((error: unknown) => log.warn({ why: String(error) }, "the platform could not be left"));
    const received = left.then(() => inbox.finish());
    await atMost(Promise.allSettled([sending, received]), durations.drain);
    log.info({}, "gateway stopped");
  }
}
