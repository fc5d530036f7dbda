import type { Wording } from "./wording.ts";

/** NATS: having one, being let in, and finding in it what should be there. */
export const natsProblems = {
  nats_missing: { message: "No nats-server of version 2.10 or later could be had.\n{tried}", hint: "{suggestion}", retry: false },
  nats_version: {
    message: "The nats-server at {url} is version {version}.",
    hint: "2.10 or later is needed: older ones lose acknowledgements when they are killed. Upgrade it, or unset NATS_URL to use the one that Bellhop brings.",
    retry: false,
  },
  nats_gave_up: {
    message: "nats-server ended {count} times within a minute and is not started again; the last time: {why}",
    hint: "Mend what its last words name (a full disk, a damaged store), then start again; or set NATS_URL to a server of your own.",
    retry: false,
  },
  nats_unreachable: {
    message: "NATS at {url} can't be reached: {why}",
    hint: "Check that it runs and that the address is right.",
    retry: true,
  },
  nats_denied: {
    message: "NATS does not let {role} {what}.",
    hint: "The credentials are of another role, or older than this Bellhop. With the server that `bellhop up` runs: stop everything and start anew, which writes them again. With your own: `bellhop nats users` says what each role needs.",
    retry: false,
  },
  nats_no_operator: {
    message: "These credentials may not administer NATS. {why}",
    hint: "Whoever administers it runs `bellhop nats apply` with the operator's (BELLHOP_CREDENTIALS). Until then everything waits, and goes on by itself.",
    retry: false,
  },
  nats_credentials: {
    message: "The credentials of {role} can't be read: {why}",
    hint: "BELLHOP_CREDENTIALS names a file with an nkey seed, or a folder that has <role>.nk in it. `bellhop nats users` makes them.",
    retry: false,
  },
  nats_set_up: {
    message: "NATS does not have {name} as it should be: {why}.",
    hint: "`bellhop nats plan` shows what is there and what to do.",
    retry: false,
  },
  snapshot_failed: {
    message: "NATS gave up a snapshot of {stream}: {why}",
    hint: "Try again; the credentials must be the operator's. Its own log says more.",
    retry: true,
  },
} as const satisfies Record<string, Wording>;
