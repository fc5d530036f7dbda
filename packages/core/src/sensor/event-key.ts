/** The name of what a sensor says under a key of its own: two triggers may know different things by one key, and what stands in a message's id is of one line.
 *  A trigger of the sensor's pack is called without the pack, as sensors call it. One of another pack stands with its whole name after an empty part, which no
 *  trigger is called: `b.c` of the pack `a` is `a.b.c`, and `c` of the pack `b` is another. The key is the last part, and so has no slash. */
export function sensorEventKey(at: { sensor: string; pack: string; trigger: { ref: string; pack: string }; key: string }): string {
  const { sensor, pack, trigger, key } = at;
  const name = trigger.pack === pack ? trigger.ref.slice(pack.length + 1) : `/${trigger.ref}`;
  return `sensor/${sensor}/${name}/${encodeURIComponent(key.toWellFormed())}`;
}
