import { defineSensor, z } from "@bellhop/sdk";

export default defineSensor({
  description: "Says the next number",
  triggers: { number: z.object({ n: z.number() }) },
  every: 0.2,
  poll: async ({ emit, state }) => {
    const n = Number((await state.get("n")) ?? 0) + 1;
    await emit("number", { n }, { key: String(n) });
    await state.set("n", n);
  },
});
