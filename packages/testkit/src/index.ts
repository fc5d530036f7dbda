export { startNats, until, type TestNats } from "@bellhop/bus/testing";
export { listen } from "./listen.ts";
export { there } from "./there.ts";
export { startGatewayStage, type GatewayStage } from "./gateway-stage.ts";
export { startBus, type TestBus } from "./start-bus.ts";
