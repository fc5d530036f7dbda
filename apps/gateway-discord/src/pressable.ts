import type { Choice, Choices, Form, Option } from "@bellhop/contracts";
import { choiceName } from "@bellhop/gateway";

/** A component as discord.com/developers/docs/components/reference has it. */
export type Component = Readonly<Record<string, unknown>>;

/** Buttons and selects below a message: five rows of five buttons, or of one select each. */
export function componentsOf({ press, items }: Choices): Component[] {
  const rows: Component[][] = [];
  for (const [choice, item] of items.entries()) {
    const component = componentOf(item, choiceName(press, choice));
    const row = rows.at(-1);
    if (item.kind === "select" || row === undefined || row.length === 5 || row[0]?.["type"] === types.select) rows.push([component]);
    else row.push(component);
  }
  return rows.slice(0, 5).map((components) => ({ type: types.row, components }));
}

/** A form as a modal; undefined where it has more fields than Discord shows. @param name comes back with what is filled in */
export function modalOf({ title, fields }: Form, name: string): Component | undefined {
  if (fields.length > mostFields) return undefined;
  const components = fields.map((field) => {
    const { name: custom_id, label, hint, required, value } = field;
    // What Discord can't list is written.
    const options =
      field.options?.every((option) => option.value.length <= longest.value) && field.options.length <= mostOptions
        ? field.options
        : undefined;
    const shared = { custom_id, required };
    return {
      type: types.label,
      label: cut(label, longest.fieldLabel),
      ...(hint === undefined ? {} : { description: cut(hint, longest.fieldHint) }),
      component:
        options === undefined
          ? { ...shared, type: types.text, style: 1, ...(value === undefined ? {} : { value }) }
          : { ...shared, type: types.select, options: optionsOf(options, value) },
    };
  });
  return { custom_id: name, title: cut(title, longest.title), components };
}

/** Names of choices that open a form begin so: nothing else tells before it is opened. */
export const opensForm = "form:";

const types = { row: 1, button: 2, select: 3, text: 4, label: 18 } as const;
const styles = { primary: 1, danger: 4, none: 2 } as const;
/** As the reference of components and modals has them. */
const longest = { label: 80, placeholder: 150, option: 100, value: 100, title: 45, fieldLabel: 45, fieldHint: 100 } as const;
const mostFields = 5;
const mostOptions = 25;

function componentOf(item: Choice, name: string): Component {
  if (item.kind === "select") {
    return { type: types.select, custom_id: name, placeholder: cut(item.label, longest.placeholder), options: optionsOf(item.options) };
  }
  const custom_id = item.kind === "form" ? `${opensForm}${name}` : name;
  return { type: types.button, custom_id, label: cut(item.label, longest.label), style: styles[item.style ?? "none"] };
}

function optionsOf(options: readonly Option[], chosen?: string): Component[] {
  return options
    .slice(0, mostOptions)
    .map(({ label, value }) => ({ label: cut(label, longest.option), value, ...(value === chosen ? { default: true } : {}) }));
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
