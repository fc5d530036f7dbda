import { Fault } from "../error.ts";
import { isFloat, isInt } from "../number.ts";
import { plain } from "../value/arithmetic.ts";
import { DateTime, getKey, isMapping, isSequence, Lookup, PythonSet, Tuple } from "../value/kinds.ts";
import { clockOf, isoOf } from "../value/text.ts";
import { View } from "../value/view.ts";
import { dictMethods, listMethods, tupleMethods } from "./collection-methods.ts";
import { alone, Callable, classOf, type Evaluation, Group, type Method, objectName, Range, Thing, Undefined } from "./objects.ts";
import { hasPairs, isTuple, numberOf, represent } from "./operations.ts";
import { Slice, sliceOf } from "./slice.ts";
import { textMethods } from "./text-methods.ts";

/** `value.name`: a method or attribute, else the element of that name. Nothing but plain data and the methods listed here can be reached. */
export function attributeOf(value: unknown, name: string, evaluation: Evaluation): unknown {
  if (value instanceof Undefined) return evaluation.chained ? value : value.fail();
  const own = ownAttribute(value, name, evaluation);
  if (own !== undefined) return own;
  const element = elementOf(value, name);
  if (element !== undefined) return element;
  return evaluation.undefined(`${titleOf(value)} has no attribute '${name}'`);
}

/** `value[index]`: the element, else for a text the attribute of that name. */
export function itemOf(value: unknown, index: unknown, evaluation: Evaluation): unknown {
  if (value instanceof Undefined) return evaluation.chained ? value : value.fail();
  if (index instanceof Undefined) return index.fail();
  if (typeof value === "string") evaluation.budget.spend(Math.floor(value.length / 100));
  const element = index instanceof Slice ? sliceOf(value, index, evaluation) : elementOf(value, index);
  if (element !== undefined) return element;
  if (typeof index === "string") {
    const own = ownAttribute(value, index, evaluation);
    if (own !== undefined) return own;
    return evaluation.undefined(`${titleOf(value)} has no attribute '${index}'`);
  }
  return evaluation.undefined(`${objectName(value)} has no element ${represent(index, evaluation)}`);
}

function titleOf(value: unknown): string {
  return value === null ? "'None'" : `'${objectName(value)}'`;
}

/** Every object of Python's has these, and they lead out of the sandbox. */
const dunder =
  /^__(?:class|doc|init|new|eq|ne|lt|le|gt|ge|hash|repr|str|dir|format|getattribute|setattr|delattr|reduce|reduce_ex|sizeof|subclasshook|init_subclass|len|iter|contains|getitem|setitem|delitem|add|radd|mul|rmul|mod|rmod|call|dict|module|globals|code|closure|defaults|func|self|name|qualname|wrapped|mro|bases|base|subclasses|or|ror|ior|reversed|class_getitem)__$/;

function ownAttribute(value: unknown, name: string, evaluation: Evaluation): unknown {
  if (name.startsWith("_")) {
    if (!dunder.test(name)) return undefined;
    const reason = `access to attribute '${name}' of '${classOf(value)}' object is unsafe.`;
    return evaluation.undefined(reason, "SecurityError");
  }
  if (typeof value === "string") return methodOf(textMethods, value, name);
  if (value instanceof Thing) return value.attribute(name);
  if (value instanceof Callable) return value.attributes.get(name);
  if (value instanceof View) return name === "mapping" ? value.mapping : undefined;
  if (value instanceof Range) return name === "start" || name === "stop" || name === "step" ? value[name] : undefined;
  if (value instanceof Group && (name === "grouper" || name === "list")) return value[name === "grouper" ? 0 : 1];
  if (isTuple(value)) return methodOf(tupleMethods, value, name);
  if (Array.isArray(value)) return methodOf<unknown[]>(listMethods, value, name);
  if (value instanceof DateTime) return ofDate(value, name);
  if (value instanceof PythonSet) return undefined;
  if (isMapping(value)) return methodOf(dictMethods, value, name);
  const number = numberOf(value);
  if (number === undefined) return undefined;
  if (name === "real") return number;
  if (name === "imag") return 0;
  if (isInt(number)) return name === "numerator" ? number : name === "denominator" ? 1 : methodOf(intMethods, number, name);
  return isFloat(number) ? methodOf(floatMethods, plain(number), name) : undefined;
}

function methodOf<Self>(methods: ReadonlyMap<string, Method<Self>>, self: Self, name: string): Callable | undefined {
  const method = methods.get(name);
  if (method === undefined) return undefined;
  return new Callable({
    name,
    shown: `<built-in method ${name} of ${classOf(self)} object>`,
    call: (given, evaluation) => {
      if (typeof self === "string" || isSequence(self)) evaluation.budget.spend(Math.floor(self.length / 100));
      return method(self, given, evaluation);
    },
  });
}

function ofDate(value: DateTime, name: string): unknown {
  const clock = clockOf(value);
  switch (name) {
    case "year":
    case "month":
    case "day":
    case "hour":
    case "minute":
    case "second":
    case "microsecond":
      return clock[name];
    case "weekday":
      return new Callable({ name, call: () => clock.weekday });
    case "isoweekday":
      return new Callable({ name, call: () => clock.weekday + 1 });
    case "isoformat":
      return new Callable({
        name,
        call: (given) => {
          const [between = "T"] = given.bind("isoformat", "sep");
          return isoOf(value, typeof between === "string" ? between : "T");
        },
      });
    default:
      return undefined;
  }
}

/** Undefined where there is no such element, or no elements at all. */
function elementOf(value: unknown, index: unknown): unknown {
  if (value instanceof Lookup) return typeof index === "string" ? value.find(index) : undefined;
  if (isMapping(value) && !(value instanceof Thing) && !(value instanceof Callable)) {
    try {
      return getKey(value, index);
    } catch (error) {
      if (error instanceof Fault && error.type === "TypeError") return undefined;
      throw error;
    }
  }
  const number = numberOf(index);
  if (number === undefined || !isInt(number)) return undefined;
  const at = Number(number);
  if (isSequence(value)) return value.at(at);
  if (typeof value === "string") return hasPairs(value) ? Array.from(value).at(at) : value.at(at);
  if (value instanceof Range) {
    const own = at < 0 ? at + value.length : at;
    return own >= 0 && own < value.length ? value.start + own * value.step : undefined;
  }
  return undefined;
}

/** What numbers can do. */
const intMethods: ReadonlyMap<string, Method<number | bigint>> = new Map<string, Method<number | bigint>>([
  alone("bit_length", (self) => (BigInt(self) === 0n ? 0 : BigInt(self).toString(2).replace("-", "").length)),
  alone("conjugate", (self) => self),
  alone("as_integer_ratio", (self) => Tuple.of(self, 1)),
]);

const floatMethods: ReadonlyMap<string, Method<number>> = new Map<string, Method<number>>([
  alone("is_integer", (self) => Number.isInteger(self)),
  alone("conjugate", (self) => self),
]);
