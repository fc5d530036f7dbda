// Stands for the SDK's cryptography: see bot-client.ts.
export {};
