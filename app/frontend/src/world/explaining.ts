import type { Pass } from "../live/frames";
import type { DescribedCell } from "../live/protocol";
import type { Explanation, Form, Part } from "./types";

/** An explanation, put together of which numbers it is of and of these numbers; null where the pass does not have them. */
export function explanationIn(described: DescribedCell, arrays: Pass["arrays"]): Explanation | null {
  const of = (what: string): Float32Array | undefined => arrays.get(`explain.${described.name}.${what}`);
  const [value, values, factors, constants] = [of("value"), of("parts"), of("parameters"), of("constants")];
  if (!value || !values) return null;
  const parts: Part[] = [];
  let [part, factor] = [0, 0];
  for (const { tensor, at, role = "", parameter } of described.parts) {
    for (const [k, place] of at.entries()) {
      const found = values[part++]!;
      const by = parameter ? factors![factor++]! : null;
      const cell = parameter?.at ? { tensor: parameter.tensor, at: parameter.at[k]! } : null;
      parts.push({
        cell: { tensor, at: place },
        role,
        value: found,
        parameter: by === null ? null : { cell, value: by },
        // A product of two float32 numbers, rounded once, is what torch's multiplication gives, bit by bit.
        contribution: by === null ? null : Math.fround(found * by),
      });
    }
  }
  return {
    cell: { tensor: described.tensor, at: described.at },
    value: value[0]!,
    form: described.form as Form,
    parts,
    chosen: described.chosen ?? null,
    formula: described.formula ?? "",
    constants: Object.fromEntries(described.constants.map((name, k) => [name, constants![k]!])),
  };
}
