// Hubot comes without types: what the bench uses of it.
declare module "hubot" {
  export class User {
    constructor(id: string);
  }
  export class TextMessage {
    constructor(user: User, text: string, id: string);
  }
  export class Robot {
    constructor(adapter: object, httpd: boolean, name: string);
    respond(expression: RegExp, callback: () => void): void;
    receive(message: TextMessage): Promise<unknown>;
    shutdown(): void;
    logger: { level: string };
  }
}
