/** What is said of the end of an action's runs, and where. */
export interface Notice {
  /** Rooms of `bellhop.yaml` by name, `slack:T1/C9`, `here`, or routes that rules on `core.st2.generic.notifytrigger` wait for. */
  readonly routes: readonly string[];
  /** A template: `{{ action_parameters.service }}: {{ why }}`. Default: that it is over. */
  readonly message?: string;
  /** For those rules: templates. `extra` is shown beside the words. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Who is told: however it ended, where it succeeded, where it failed or took too long, where it was canceled. */
export interface Notify {
  readonly complete?: Notice;
  readonly success?: Notice;
  readonly failure?: Notice;
  readonly cancel?: Notice;
}
