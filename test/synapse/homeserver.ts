import { spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { freePort } from "../free-port.ts";

export interface Synapse {
  url: string;
  /** Makes an account, logged in. Only the bot is to feel the limits, as they are unless somebody configures them. */
  register(name: string, options?: { unlimited?: boolean }): Promise<Account>;
  stop(): Promise<void>;
}

export interface Account {
  url: string;
  /** `@ana:synapse.example` */
  id: string;
  token: string;
}

/** A fresh homeserver with Synapse's own configuration and SQLite, on a port of its own on loopback.
 *  @param root a folder that holds a system with matrix-synapse */
export async function startSynapse(root: string): Promise<Synapse> {
  const folder = await mkdtemp(join(root, "tmp", "synapse-"));
  const inside = folder.slice(root.length);
  const config = `${inside}/homeserver.yaml`;
  // It dies with us, however that happens.
  const python = (...args: string[]) =>
    spawn("setpriv", ["--pdeathsig", "KILL", "chroot", root, "python3", "-m", "synapse.app.homeserver", ...args], { stdio: "ignore" });
  const generating = python(
    "--generate-config",
    "--report-stats=no",
    "--server-name=synapse.example",
    `--config-path=${config}`,
    `--data-directory=${inside}`,
  );
  await once(generating, "exit");
  const port = await freePort();
  const secret = randomBytes(16).toString("hex");
  const settings = [
    `listeners: [{ type: http, port: ${port}, bind_addresses: ["127.0.0.1"], tls: false, resources: [{ names: [client] }] }]`,
    `registration_shared_secret: "${secret}"`,
    "trusted_key_servers: []",
  ];
  const generated = await readFile(join(root, config), "utf8");
  await writeFile(
    join(root, config),
    `${generated.replace(/^(listeners|registration_shared_secret|trusted_key_servers):[^]*?(?=^\w|^# )/gm, "")}\n${settings.join("\n")}\n`,
  );

  const url = `http://127.0.0.1:${port}`;
  const homeserver = python("--config-path", config);
  const stop = async () => {
    if (homeserver.exitCode === null && homeserver.signalCode === null) {
      homeserver.kill("SIGTERM");
      await once(homeserver, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  };
  const log = () => readFile(join(folder, "homeserver.log"), "utf8").catch(() => "");
  for (let tries = 0; !(await answers(url)); tries++) {
    if (homeserver.exitCode !== null || tries > 300) throw new Error(`Synapse does not start: ${(await log()).slice(-2_000)}`);
    await wait(200);
  }

  const admin = await register({ url, secret, name: "keeper", isAdmin: true });
  return {
    url,
    stop,
    async register(name, { unlimited = false } = {}) {
      const account = await register({ url, secret, name });
      if (unlimited) {
        const path = `/_synapse/admin/v1/users/${encodeURIComponent(account.id)}/override_ratelimit`;
        await call(admin, { method: "POST", path, body: { messages_per_second: 0, burst_count: 0 } });
      }
      return account;
    },
  };
}

/** @throws with the homeserver's own words where it says no */
export async function call({ url, token }: Pick<Account, "url" | "token">, request: ApiCall): Promise<unknown> {
  const { method, path, body } = request;
  const answer = await fetch(url + path, {
    method,
    headers: { ...(token !== "" && { Authorization: `Bearer ${token}` }), "Content-Type": request.type ?? "application/json" },
    body: body instanceof Uint8Array || body === undefined ? body : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: HTTP ${answer.status} ${await answer.text()}`);
  return request.raw === true ? new Uint8Array(await answer.arrayBuffer()) : await answer.json();
}

export interface ApiCall {
  method: "GET" | "POST" | "PUT";
  path: string;
  body?: object | Uint8Array<ArrayBuffer>;
  type?: string;
  /** Gives the answer's bytes. */
  raw?: boolean;
}

const path = "/_synapse/admin/v1/register";
const Nonce = z.object({ nonce: z.string() });
const Registered = z.object({ user_id: z.string(), access_token: z.string() });

/** Synapse's shared-secret registration: an account without waiting for the limits of registrations and logins. */
async function register(at: { url: string; secret: string; name: string; isAdmin?: boolean }): Promise<Account> {
  const { url, secret, name, isAdmin = false } = at;
  const nobody = { url, token: "" };
  const { nonce } = Nonce.parse(await call(nobody, { method: "GET", path }));
  const password = randomBytes(8).toString("hex");
  const words = [nonce, name, password, isAdmin ? "admin" : "notadmin"].join("\0");
  const mac = createHmac("sha1", secret).update(words).digest("hex");
  const body = { nonce, username: name, password, admin: isAdmin, mac };
  const { user_id: id, access_token: token } = Registered.parse(await call(nobody, { method: "POST", path, body }));
  return { url, id, token };
}

async function answers(url: string): Promise<boolean> {
  return await fetch(`${url}/_matrix/client/versions`).then(
    ({ ok }) => ok,
    () => false,
  );
}
