export { startNats, type TestNats } from "@bellhop/bus/testing";
