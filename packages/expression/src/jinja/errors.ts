import { Fault } from "../error.ts";

/** A template that can't be read, and where (from 0). */
export class JinjaSyntaxError extends Fault {
  readonly position: number;

  constructor(message: string, position: number) {
    super("TemplateSyntaxError", message);
    this.position = position;
  }
}
