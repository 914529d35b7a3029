import type { Dialect } from "../live/session";
import { flatOf } from "./cells";
import { allOf, changesBetween, nestedOf, withInputsAlone, withNumber, withValues, type WorldChange, type WorldState } from "./state";
import type { Outline, TensorOutline } from "./types";

/** Above so many numbers a tensor goes out as bytes. */
const MOST_TEXT = 256;

/** How a network of any kind is told, which the server keeps by its id: what is changed of it, and never all its parameters. */
export function dialectOf(outline: Outline, tensors: ReadonlyMap<string, TensorOutline>): Dialect<WorldState, WorldChange> {
  const shapeOf = (tensor: string): readonly number[] => tensors.get(tensor)?.shape ?? [];

  const asText = (change: WorldChange): object =>
    "cell" in change || "strokes" in change ? change : { tensor: change.tensor, values: nestedOf(change.values, shapeOf(change.tensor)) };

  return {
    targetOf: (change) => ("cell" in change ? `${change.cell.tensor}.${flatOf(change.cell.at, shapeOf(change.cell.tensor))}` : change.tensor),
    difference: (before, after) => changesBetween(before, after, tensors),
    applied(state, change) {
      // What numbers come of strokes, the server says.
      if ("strokes" in change) return state;
      return "cell" in change ? withNumber(state, change.cell, shapeOf(change.cell.tensor), change.value) : withValues(state, change.tensor, change.values);
    },
    reshape: () => null,
    named: (state) => ({ command: { network: outline.id, inputs: inputsOf(state) }, told: withInputsAlone(state) }),
    whole: () => null,
    commands(changes) {
      const found: (object | Uint8Array)[] = [];
      let texts: object[] = [];
      const flush = (): void => {
        if (texts.length > 0) found.push({ op: "set", changes: texts });
        texts = [];
      };
      for (const change of changes) {
        if ("cell" in change || "strokes" in change || change.values.length <= MOST_TEXT) {
          texts.push(asText(change));
          continue;
        }
        flush();
        found.push(bytesOf(change.tensor, change.values, tensors.get(change.tensor)?.dtype ?? "float32"));
      }
      flush();
      return found;
    },
  };
}

/** A state's inputs as the API takes them. */
export function inputsOf({ outline, tensors }: WorldState): unknown {
  const found = outline.inputs.map(({ name, shape }) => [name.replace(/^inputs\./, ""), nestedOf(allOf(tensors.get(name)!), shape)] as const);
  return outline.inputs.length === 1 && outline.inputs[0]!.name === "inputs" ? found[0]![1] : Object.fromEntries(found);
}

/** All values of a tensor as a binary frame has them after its number: the name's length, the name, zeros, the values. */
export function bytesOf(tensor: string, values: Float64Array, dtype: string): Uint8Array {
  const name = new TextEncoder().encode(tensor);
  const whole = !/float/.test(dtype);
  // Counted from the frame's own beginning, which is the number before these bytes.
  const head = 4 + Math.ceil((8 + name.length) / 4) * 4 - 8;
  const bytes = new Uint8Array(head + values.length * (whole ? 8 : 4));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, name.length, true);
  bytes.set(name, 4);
  for (const [k, value] of values.entries()) {
    if (whole) view.setBigInt64(head + 8 * k, BigInt(Math.trunc(value)), true);
    else view.setFloat32(head + 4 * k, value, true);
  }
  return bytes;
}
