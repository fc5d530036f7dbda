// Stands for what is left out of the SDK: see sdk.ts.
export {};
