export { accountConfig, leafAccountConfig, serverConfig, usersConfig } from "./config.ts";
export { ensureCredentials, ensureCredentialsIn, type Credential } from "./credentials.ts";
export type { Fetch } from "./fetch.ts";
export { findNatsServer } from "./find.ts";
export { grants, roles, type Permissions, type Role } from "./permissions.ts";
export { startNatsServer, type NatsServer, type StartOptions } from "./start.ts";
export { superviseNatsServer } from "./supervise.ts";
export { oldestServer } from "./version.ts";
