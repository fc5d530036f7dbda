import { evaluate } from "@bellhop/expression";
import jsonata from "jsonata";
import type { Case } from "../expression.ts";
import { data } from "./data.ts";

/** In a workflow's words, and in JSONata. */
const pairs: readonly (readonly [yaql: string, jsonata: string])[] = [
  ["<% ctx().name %>", "name"],
  ["<% ctx(region) = eu and ctx().count > 2 %>", 'region = "eu" and count > 2'],
  ["<% ctx().vms.where($.cpu > 4).name %>", "vms[cpu > 4].name"],
  ["<% ctx().vms.select($.cpu).sum() %>", "$sum(vms.cpu)"],
  ["<% ctx().name.toUpper() + '-' + str(ctx().count) %>", '$uppercase(name) & "-" & $string(count)'],
  ["<% ctx().tags.get(owner, nobody) %>", 'tags.owner ? tags.owner : "nobody"'],
  ["<% ctx().vms.orderBy($.cpu).first().name %>", "(vms^(cpu))[0].name"],
  ["<% switch(ctx().count > 5 => many, ctx().count > 0 => some, true => none) %>", 'count > 5 ? "many" : count > 0 ? "some" : "none"'],
  ["<% ctx().url.split('/').last() %>", '$split(url, "/")[-1]'],
  ["Deploying <% ctx().name %> to <% ctx().region %>", '"Deploying " & name & " to " & region'],
];

export function yaqlCases(): Case[] {
  return pairs.map(([expression, other]) => {
    const compiled = jsonata(other);
    return { expression, run: () => evaluate(expression, { variables: data }), peers: { jsonata: () => compiled.evaluate(data) } };
  });
}
