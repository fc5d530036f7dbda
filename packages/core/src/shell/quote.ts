export type ShellText = { kind: "ok"; text: string } | { kind: "refused"; offset: number; expression: string; where: string };

/** Renders a `cmd` template for `sh -c`: every value is quoted for the place where it stands, so that it arrives verbatim and is never code. */
export function renderShell(_text: string, _names: Readonly<Record<string, unknown>>): ShellText {
  throw new Error("to come");
}

/** The places of a `cmd` template where no value can stand, whatever the value is: for `pack check`. */
export function shellFault(_text: string): { offset: number; expression: string; where: string } | undefined {
  throw new Error("to come");
}
