import { evaluate, renderJinja } from "@bellhop/expression";
import { figure, median, type Figure } from "../figures.ts";
import { machines } from "./data.ts";

const rounds = 25;
const variables = { vms: machines(1000) };

/** Through a thousand items. */
export function measureMany(): Figure[] {
  const yaql = "<% ctx().vms.where($.cpu > 3).orderBy($.name).select($.name) %>";
  const jinja = "{{ vms | selectattr('cpu', 'gt', 3) | sort(attribute='name') | map(attribute='name') | list }}";
  return [
    figure({ name: `yaql: 1,000 items: ${yaql}`, value: ms(() => evaluate(yaql, { variables })), unit: "ms", aim: { atMost: 2 } }),
    figure({ name: `jinja: 1,000 items: ${jinja}`, value: ms(() => renderJinja(jinja, { variables })), unit: "ms", aim: { atMost: 2 } }),
  ];
}

function ms(work: () => unknown): number {
  const once = () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  for (let round = 0; round < rounds; round++) once();
  return median(Array.from({ length: rounds }, once));
}
