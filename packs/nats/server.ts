import { JetStreamApiCodes, JetStreamApiError, jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import {
  AuthorizationError,
  connect,
  credsAuthenticator,
  nkeyAuthenticator,
  NoRespondersError,
  PermissionViolationError,
  TimeoutError,
  type NatsConnection,
  type NodeConnectionOptions,
} from "@nats-io/transport-node";
import { ActionFailed, type ConfigValues } from "@bellhop/sdk";
import type config from "./config.ts";

type Config = ConfigValues<typeof config>;

/** The server that the configuration names, connected. */
export interface Server {
  readonly connection: NatsConnection;
  readonly jetStream: JetStreamManager;
}

/** Connects, works, and is gone again, also when `signal` says so.
 *  @throws ActionFailed where the server is away, refuses, or does not answer */
export async function withServer<Result>(
  at: { config: Config; signal: AbortSignal },
  work: (server: Server) => Promise<Result>,
): Promise<Result> {
  const { config, signal } = at;
  let connection: NatsConnection | undefined;
  const leave = () => void connection?.close();
  try {
    connection = await connect(optionsOf(config));
    signal.addEventListener("abort", leave);
    signal.throwIfAborted();
    // Not asked whether there is any JetStream: that would need one more permission.
    const jetStream = await jetstreamManager(connection, { checkAPI: false, timeout: config.timeout * 1000, domain: config.domain });
    return await work({ connection, jetStream });
  } catch (thrown) {
    throw signal.aborted || thrown instanceof ActionFailed ? thrown : failureOf(thrown, config);
  } finally {
    signal.removeEventListener("abort", leave);
    await connection?.close();
  }
}

function optionsOf({ url, user, password, token, credentials, ca, timeout }: Config): NodeConnectionOptions {
  const servers = url.split(",").map((one) => one.trim());
  if (servers.some((one) => one.includes("@"))) {
    throw new ActionFailed("The url of the configuration has a user or a password in it.", {
      hint: "`bellhop pack config set nats url=nats://host:4222 user=NAME password=-`: the password is asked for, and sealed.",
    });
  }
  const encoder = new TextEncoder();
  return {
    servers,
    name: "bellhop pack nats",
    user,
    pass: password,
    token,
    timeout: timeout * 1000,
    // One question, one answer: whoever asked can ask again.
    reconnect: false,
    ...(ca !== undefined || servers.some((one) => one.startsWith("tls://")) ? { tls: ca === undefined ? {} : { ca } } : {}),
    ...(credentials === undefined
      ? {}
      : {
          authenticator: credentials.includes("-----BEGIN")
            ? credsAuthenticator(encoder.encode(credentials))
            : nkeyAuthenticator(encoder.encode(credentials.trim())),
        }),
  };
}

function failureOf(thrown: unknown, { url, timeout }: Config): ActionFailed {
  const fault = causes(thrown);
  const because = { cause: thrown };
  const denied = fault.find((one) => one instanceof PermissionViolationError);
  if (denied !== undefined) {
    const hint = "The README of this pack lists what its user has to be allowed.";
    return new ActionFailed(
      `The server does not let this user ${denied.operation === "publish" ? "publish" : "subscribe"} to ${denied.subject}.`,
      { ...because, hint },
    );
  }
  if (fault.some((one) => one instanceof AuthorizationError)) {
    const hint = "`bellhop pack config nats` shows which are set; `bellhop pack config set nats user=… password=-` changes them.";
    return new ActionFailed(`${url} refuses these credentials.`, { ...because, hint });
  }
  if (fault.some(isWithoutJetStream)) return new ActionFailed("There is no JetStream on that server, or not for this account.", because);
  const refused = fault.find((one) => one instanceof JetStreamApiError);
  if (refused !== undefined) return new ActionFailed(`The server says: ${refused.message}.`, because);
  if (fault.some((one) => one instanceof TimeoutError))
    return new ActionFailed(`${url} did not answer within ${timeout} s.`, {
      ...because,
      hint: "`timeout` of the configuration gives it longer.",
    });
  return new ActionFailed(`${url} can't be reached: ${fault.at(-1)?.message ?? String(thrown)}.`, {
    ...because,
    hint: "`bellhop pack config nats` shows where `url` comes from.",
  });
}

function isWithoutJetStream(fault: Error): boolean {
  if (fault instanceof JetStreamApiError) return fault.code === JetStreamApiCodes.JetStreamNotEnabledForAccount;
  // The client does not export the class of this error.
  return fault instanceof NoRespondersError || fault.name === "JetStreamNotEnabled";
}

/** An error and what caused it, from the outside in. */
function causes(thrown: unknown): Error[] {
  return thrown instanceof Error ? [thrown, ...causes(thrown.cause)] : [];
}
