import type { StudioState } from "../model/types";
import type { Part } from "../studio/selection";
import type { Part as Text } from "./highlight";

/** All inputs, or all weights or biases of a layer: what a tensor's name stands for. */
export interface Tensor {
  kind: Part["kind"];
  layer: number;
}

/** Some text of a program; `part` is the input, weight or bias that it is the number of, `tensor` what it is the name of. */
export interface Piece extends Text {
  part: Part | null;
  tensor?: Tensor;
}

/** More linked numbers than this would make the page slow to draw. */
const MOST_LINKED = 1000;
const NUMBER_OR_BRACKET = /[[\]]|-?\d[\d.]*(?:e[+-]?\d+)?/gi;

/**
 * Finds the network's numbers in a program that the server wrote for it: they are all that stands in square brackets, in an
 * order that each kind of program keeps. Where they are not those of `state`, digit for digit in float32, none is found.
 */
export function withQuantities(texts: readonly Text[], inputsLast: boolean, state: StudioState): Piece[] {
  const expected = quantities(state, inputsLast);
  const plain = withDrawn(texts);
  if (expected.length > MOST_LINKED) return plain;
  let depth = 0;
  let found = 0;
  const pieces: Piece[] = [];
  for (const { text, kind } of texts) {
    let end = 0;
    if (kind === null) {
      for (const { 0: token, index } of text.matchAll(NUMBER_OR_BRACKET)) {
        if (token === "[") depth++;
        else if (token === "]") depth--;
        else if (depth > 0) {
          const quantity = expected[found++];
          if (!quantity || Math.fround(Number(token)) !== Math.fround(quantity.value)) return plain;
          if (index > end) pieces.push({ text: text.slice(end, index), kind, part: null });
          pieces.push({ text: token, kind, part: quantity.part });
          end = index + token.length;
        }
      }
    }
    if (end < text.length) pieces.push({ text: text.slice(end), kind, part: null });
  }
  return found === expected.length ? pieces : plain;
}

const DRAWN = /(features|([WB])(\d+))(?= = $)/;

/** A program that draws its numbers by their seed writes none of them down: there the tensors' names stand for them. */
function withDrawn(texts: readonly Text[]): Piece[] {
  return texts.flatMap(({ text, kind }, k): Piece[] => {
    const name = kind === null && texts[k + 2]?.text.startsWith(".randn(") ? DRAWN.exec(text) : null;
    if (!name) return [{ text, kind, part: null }];
    const tensor: Tensor = name[2] ? { kind: name[2] === "W" ? "edge" : "bias", layer: Number(name[3]) } : { kind: "neuron", layer: 0 };
    const end = name.index + name[0].length;
    return [
      { text: text.slice(0, name.index), kind, part: null },
      { text: name[0], kind, part: null, tensor },
      { text: text.slice(end), kind, part: null },
    ];
  });
}

interface Quantity {
  part: Part;
  value: number;
}

/** Inputs, then of each layer the weights row by row and the biases; or the inputs after all layers. */
function quantities({ inputs, layers }: StudioState, inputsLast: boolean): Quantity[] {
  const first = inputs.map((value, neuron): Quantity => ({ part: { kind: "neuron", layer: 0, neuron }, value }));
  const rest = layers.flatMap(({ weights, biases }, k) => {
    const layer = k + 1;
    const edges = weights.flatMap((row, from) => row.map((value, to): Quantity => ({ part: { kind: "edge", layer, from, to }, value })));
    return [...edges, ...biases.map((value, neuron): Quantity => ({ part: { kind: "bias", layer, neuron }, value }))];
  });
  return inputsLast ? [...rest, ...first] : [...first, ...rest];
}
