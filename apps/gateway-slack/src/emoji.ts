/** Slack names emoji. These names mean something here, each with the other names that it goes by; anything else keeps the name that Slack has for it. */
const table: readonly (readonly [emoji: string, name: string, ...aliases: string[]])[] = [
  // what cancels, what approves
  ["❌", "x"],
  ["🛑", "octagonal_sign"],
  ["⛔", "no_entry"],
  ["🚫", "no_entry_sign"],
  ["✅", "white_check_mark"],
  ["✔️", "heavy_check_mark"],
  ["☑️", "ballot_box_with_check"],
  ["👍", "+1", "thumbsup"],
  ["👎", "-1", "thumbsdown"],
  ["👌", "ok_hand"],
  ["🆗", "ok"],
  // what says that somebody is at it
  ["👀", "eyes"],
  ["⏳", "hourglass_flowing_sand"],
  ["⌛", "hourglass"],
  ["⏱️", "stopwatch"],
  ["🕐", "clock1"],
  ["🔄", "arrows_counterclockwise"],
  ["🔁", "repeat"],
  ["▶️", "arrow_forward"],
  ["⏸️", "double_vertical_bar"],
  ["⚙️", "gear"],
  ["🔧", "wrench"],
  ["🛠️", "hammer_and_wrench"],
  ["🤖", "robot_face"],
  ["👋", "wave"],
  ["💬", "speech_balloon"],
  ["💭", "thought_balloon"],
  ["🤔", "thinking_face"],
  // how it went
  ["🎉", "tada"],
  ["🚀", "rocket"],
  ["💥", "boom", "collision"],
  ["🔥", "fire"],
  ["⚠️", "warning"],
  ["🚨", "rotating_light"],
  ["ℹ️", "information_source"],
  ["❓", "question"],
  ["❗", "exclamation", "heavy_exclamation_mark"],
  ["🟢", "large_green_circle"],
  ["🟡", "large_yellow_circle"],
  ["🔴", "red_circle"],
  ["❤️", "heart"],
  ["🙏", "pray"],
  ["👏", "clap"],
  ["🙌", "raised_hands"],
  ["💯", "100"],
  ["🐛", "bug"],
  ["🔒", "lock"],
  ["📎", "paperclip"],
];

/** What a reaction's name stands for, as Unicode: `x` is ❌, `thumbsup::skin-tone-2` is 👍🏻. A name that is not in the table, a workspace's own
 *  above all, stays as it is. */
export function emojiOf(name: string): string {
  const [base = "", tone] = name.split("::");
  const emoji = byName.get(base);
  if (emoji === undefined) return name;
  const modifier = tone === undefined ? undefined : modifiers.get(tone);
  return modifier === undefined ? emoji : emoji.replace(variation, "") + modifier;
}

/** The name to react with; undefined where Slack has none that we know. A name, with or without its colons, is one already. */
export function nameOf(emoji: string): string | undefined {
  const spelled = /^:?([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):?$/.exec(emoji)?.[1];
  if (spelled !== undefined) return spelled;
  const modifier = [...modifiers].find(([, character]) => emoji.endsWith(character));
  const name = byEmoji.get((modifier === undefined ? emoji : emoji.slice(0, -modifier[1].length)).replace(variation, ""));
  return name === undefined || modifier === undefined ? name : `${name}::${modifier[0]}`;
}

/** Asks for the colourful form. People and platforms leave it out as they like. */
const variation = /\ufe0f/g;

const modifiers: ReadonlyMap<string, string> = new Map(
  ["🏻", "🏼", "🏽", "🏾", "🏿"].map((character, at) => [`skin-tone-${at + 2}`, character]),
);
const byName: ReadonlyMap<string, string> = new Map(table.flatMap(([emoji, ...names]) => names.map((name) => [name, emoji] as const)));
const byEmoji: ReadonlyMap<string, string> = new Map(table.map(([emoji, name]) => [emoji.replace(variation, ""), name]));
