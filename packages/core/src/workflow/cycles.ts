/** Those that lead back to themselves: the members of strongly connected components (Tarjan's, without recursion), and those that lead to themselves at once. */
export function cyclic(after: (name: string) => readonly string[], names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const places = new Map<string, number>();
  const lowest = new Map<string, number>();
  const component: string[] = [];
  const inside = new Set<string>();
  for (const start of names) {
    const path: { readonly name: string; readonly next: readonly string[]; step: number }[] = [];
    const enter = (name: string): void => {
      places.set(name, places.size);
      lowest.set(name, places.size - 1);
      component.push(name);
      inside.add(name);
      path.push({ name, next: after(name), step: 0 });
    };
    if (!places.has(start)) enter(start);
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const { name } = here;
      const next = here.next[here.step];
      here.step += 1;
      if (next !== undefined) {
        if (next === name) found.add(name);
        if (!places.has(next)) enter(next);
        else if (inside.has(next)) lowest.set(name, Math.min(lowest.get(name) ?? 0, places.get(next) ?? 0));
        continue;
      }
      path.pop();
      const above = path.at(-1)?.name;
      if (above !== undefined) lowest.set(above, Math.min(lowest.get(above) ?? 0, lowest.get(name) ?? 0));
      if (lowest.get(name) !== places.get(name)) continue;
      const members = component.splice(component.lastIndexOf(name));
      for (const member of members) inside.delete(member);
      if (members.length > 1) for (const member of members) found.add(member);
    }
  }
  return found;
}
