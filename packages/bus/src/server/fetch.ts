/** A way to bring a nats-server: puts it at `target` (whole or not at all) and says where it came from, or throws with the reason. */
export type Fetch = (options: { target: string; env: NodeJS.ProcessEnv; log: (line: string) => void }) => Promise<string>;
