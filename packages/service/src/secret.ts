import { inspect } from "node:util";
import { secretMask } from "@bellhop/contracts";

/** A value that must not be seen: prints as `[secret]` in text, JSON, logs and debuggers. `reveal()` is the one way to it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return secretMask;
  }

  toJSON(): string {
    return secretMask;
  }

  [inspect.custom](): string {
    return secretMask;
  }
}
