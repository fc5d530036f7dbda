import type { Bus } from "@bellhop/bus";
import { buckets, problem, type Press } from "@bellhop/contracts";

/** Something that waits for an answer. */
export interface OpenInquiry {
  readonly press: Press;
  readonly run: string;
  readonly task: string;
  readonly attempt: number;
  readonly inquiry: NonNullable<Press["inquiry"]>;
}

/** What waits for people, the oldest first. */
export async function openInquiries(bus: Bus): Promise<OpenInquiry[]> {
  const entries = await bus.bucket(buckets.press).entries(">");
  const open = entries.flatMap(({ value: press }): OpenInquiry[] => {
    const [meaning] = press.means;
    const { inquiry } = press;
    if (press.over !== undefined || inquiry === undefined || meaning?.kind !== "answer") return [];
    const { run, task, attempt } = meaning;
    return [{ press, run, task, attempt, inquiry }];
  });
  return open.toSorted((a, b) => a.inquiry.at.localeCompare(b.inquiry.at));
}

/** @param name an id or how it begins, or a run's id or how that ends
 *  @throws Problem inquiry_unknown, press_several */
export async function nameInquiry(bus: Bus, name: string): Promise<OpenInquiry> {
  const wanted = name.toUpperCase();
  const found = (await openInquiries(bus)).filter(
    ({ press, run }) => press.id.startsWith(wanted) || (wanted.length >= 6 && run.endsWith(wanted)),
  );
  const [first, second] = found;
  if (first === undefined) throw problem("inquiry_unknown", { id: name });
  if (second !== undefined) throw problem("press_several", { code: name, ids: found.map(({ press }) => press.id).join(", ") });
  return first;
}
