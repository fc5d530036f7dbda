import { renderJinja } from "@bellhop/expression";
import { Template } from "@huggingface/jinja";
import nunjucks from "nunjucks";
import type { Case } from "../expression.ts";
import { data } from "./data.ts";

/** Where nunjucks needs other words for the same, they stand behind. */
const templates: readonly (readonly [jinja: string, nunjucks?: string])[] = [
  ["{{ name }}"],
  ["{{ region == 'eu' and count > 2 }}"],
  ["{{ vms | selectattr('on') | map(attribute='name') | join(', ') }}", "{{ vms | selectattr('on') | join(', ', 'name') }}"],
  ["{{ vms | map(attribute='cpu') | join('+') }}", "{{ vms | join('+', 'cpu') }}"],
  ["{{ name | upper }}-{{ count }}"],
  ["{{ tags.owner | default('nobody') }}"],
  ["{% for vm in vms %}{{ loop.index }}. {{ vm.name }}\n{% endfor %}"],
  ["{% if count > 5 %}many{% elif count > 0 %}some{% else %}none{% endif %}"],
  ["{{ url.split('/')[-1] }}", "{{ url.split('/') | last }}"],
  ["Deploying {{ name }} to {{ region }}: {{ vms | length }} machines"],
];

export function jinjaCases(): Case[] {
  const environment = new nunjucks.Environment(null, { autoescape: false });
  return templates.map(([expression, other = expression]) => {
    const interpreted = new Template(expression);
    const compiled = nunjucks.compile(other, environment);
    const peers = { "@huggingface/jinja": () => interpreted.render(data), nunjucks: () => compiled.render(data) };
    const run = () => renderJinja(expression, { variables: data });
    // Who says something else does something else.
    const said = String(run()).trim();
    const agreeing = Object.entries(peers).filter(([, peer]) => {
      try {
        return peer().trim().toLowerCase() === said.toLowerCase();
      } catch {
        return false;
      }
    });
    return { expression, run, peers: Object.fromEntries(agreeing) };
  });
}
