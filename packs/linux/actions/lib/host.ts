import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { ActionFailed } from "@bellhop/sdk";

/** A host's name or address as programs take it: never an option, never more than one word. Names in other scripts become ASCII.
 *  @throws ActionFailed */
export function hostOf(given: string): string {
  const text = given.trim();
  if (isIP(text) !== 0) return text;
  const ascii = domainToASCII(text.replace(/\.$/, ""));
  if (ascii.length <= 253 && /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(ascii))
    return ascii;
  throw new ActionFailed(`"${text.slice(0, 80)}" is no name of a host and no address.`, {
    hint: "It takes e.g. www.example.com, 192.0.2.7 or 2001:db8::7.",
  });
}
