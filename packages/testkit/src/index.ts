export { startNats, type TestNats } from "./nats.ts";
