export { commonConfig, loadConfig, natsFile, type CommonConfig, type Env, type Role } from "./config.ts";
export { crashPoints, point, type CrashPoint } from "./crash-point.ts";
export { openKeyring, type Keyring } from "./keyring.ts";
export { createLog, silentLog, type Log } from "./log.ts";
export { figure, metrics, type Figure } from "./metrics.ts";
export { isGone, processIdentity, type ProcessIdentity } from "./process-identity.ts";
export { runMain, watchLifeline, type Service } from "./run-main.ts";
export { Secret } from "./secret.ts";
export { watchNats } from "./watch-nats.ts";
export {
  noTelemetry,
  openObservatory,
  withTelemetry,
  type Check,
  type Observatory,
  type Telemetry,
} from "./telemetry.ts";
