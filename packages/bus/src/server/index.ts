export { accountConfig, leafAccountConfig, serverConfig, usersConfig, type ServerUser } from "./config.ts";
export { credentialFile, ensureCredentials, ensureCredentialsIn, type Credential } from "./credentials.ts";
export type { Fetch } from "./fetch.ts";
export { findNatsServer, type FindOptions, type FoundServer } from "./find.ts";
export { grants, inboxPrefix, permissionsOf, roles, type Permissions, type Role } from "./permissions.ts";
export { startNatsServer, type NatsServer, type ServerExit, type StartOptions } from "./start.ts";
export { superviseNatsServer, type SupervisedServer, type SuperviseOptions } from "./supervise.ts";
export { assertServerVersion, oldestServer } from "./version.ts";
