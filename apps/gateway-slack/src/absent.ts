// Stands for the modules that are left out of the SDK: see sdk.ts.
export {};
