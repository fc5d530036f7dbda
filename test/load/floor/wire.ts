import { readFileSync } from "node:fs";
import { connect, nkeyAuthenticator, type Msg, type MsgHdrs, type NatsConnection } from "nats";

/** The bare way to speak JetStream: one inbox, a map of callbacks, no promise, timer or token per message. No retries, no time-outs: a floor is
 *  what the machine can do while nothing goes wrong. */
export interface Wire {
  readonly nc: NatsConnection;
  /** Publishes and calls back with the sequence it was stored under. */
  store(subject: string, data: string, then: (sequence: number) => void, headers?: MsgHdrs): void;
  /** Acknowledges, and calls back when the server has confirmed it. */
  ack(message: Msg, then?: () => void): void;
  /** Keeps a pull consumer's messages coming, at most `batch` ahead. */
  pull(at: { stream: string; consumer: string; batch: number }, onMessage: (message: Msg) => void): void;
}

export async function openWire(options: { url: string; credentials?: string; name: string }): Promise<Wire> {
  const { url, credentials, name } = options;
  const seed = credentials === undefined ? undefined : new TextEncoder().encode(readFileSync(credentials, "utf8").trim());
  const nc = await connect({
    servers: url,
    name,
    reconnect: false,
    ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(seed) }),
  });
  const inbox = `_INBOX.floor.${process.pid}.`;
  const waiting = new Map<string, (reply: Msg) => void>();
  let next = 0;
  nc.subscribe(`${inbox}*`, {
    callback: (_, reply) => {
      const token = reply.subject.slice(inbox.length);
      const then = waiting.get(token);
      waiting.delete(token);
      then?.(reply);
    },
  });

  const ask = (subject: string, data: string, then: (reply: Msg) => void, headers?: MsgHdrs) => {
    const token = (next++).toString(36);
    waiting.set(token, then);
    nc.publish(subject, data, headers === undefined ? { reply: inbox + token } : { reply: inbox + token, headers });
  };

  return {
    nc,
    store(subject, data, then, headers) {
      const onReply = (reply: Msg) => {
        const answer = reply.json<{ seq?: number; error?: { description: string } }>();
        if (answer.seq === undefined) throw new Error(`${subject}: ${answer.error?.description ?? "no sequence"}`);
        then(answer.seq);
      };
      ask(subject, data, onReply, headers);
    },
    ack(message, then = () => {}) {
      if (message.reply === undefined) throw new Error(`${message.subject} can't be acknowledged`);
      ask(message.reply, "+ACK", then);
    },
    pull({ stream, consumer, batch }, onMessage) {
      const to = `${inbox.replace("floor", "pull")}${stream}.${consumer}`;
      let asked = 0;
      const more = () => {
        if (asked > batch / 2) return;
        nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify({ batch: batch - asked, expires: expiresNs }), {
          reply: to,
        });
        asked = batch;
      };
      nc.subscribe(to, {
        callback: (_, message) => {
          if (message.reply === undefined || message.reply === "") {
            // A status: the request is over.
            asked = 0;
          } else {
            asked--;
            onMessage(message);
          }
          more();
        },
      });
      more();
    },
  };
}

const expiresNs = 600_000_000_000;
