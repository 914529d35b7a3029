/**
 * Where a program writes the network's numbers. A program is text, so this reads it the way it is written: each tensor's
 * literal stands behind its name at the start of a line, and its numbers row by row. What does not agree with the network
 * to the last digit is left alone.
 */

import type { Layer } from "../model/types";
import type { Part } from "../studio/selection";

/** A tensor of which no number is written, because the program draws it: all of one kind in one layer. */
export interface Drawn {
  kind: Part["kind"];
  layer: number;
}

export interface Place {
  start: number;
  end: number;
  /** The number's part; where the program draws the tensor, all that its name stands for. */
  of: Part | Drawn;
}

export interface Numbers {
  layers: readonly Pick<Layer, "weights" | "biases">[];
  inputs: readonly number[];
}

/** What the line names: a variable of the notebook, a key of a state_dict, a key of the JSON. */
const HOLDER =
  /^(?:(?<inputs>features)|(?<kind>[WB])(?<layer>\d+)|\s+"(?<module>\d+)\.(?<parameter>weight|bias)"|\s+"(?<key>weights|biases|inputs)")(?: =|:) (?<call>[\w.]+\()?/gm;
const NUMBER = /-?\d[\d.e+-]*/g;
/** In a longer program a number is found by eye no more, and thousands of places would make every hover slow. */
const MOST_NUMBERS = 1000;

export function placesIn(source: string, numbers: Numbers): Place[] {
  const count = numbers.inputs.length + numbers.layers.reduce((sum, { weights, biases }) => sum + (weights.length + 1) * biases.length, 0);
  if (count > MOST_NUMBERS) return [];
  const places: Place[] = [];
  let keyed = 0;
  for (const match of source.matchAll(HOLDER)) {
    const groups = match.groups!;
    if (groups["key"] === "weights") keyed++;
    const held = heldBy(groups, keyed);
    const after = match.index + match[0].length;
    const expected = partsOf(held, numbers);
    if (source[after] === "[") places.push(...written(source, after, expected));
    else if (groups["call"] === "torch.randn(" && expected.length > 0) {
      places.push({ start: match.index, end: match.index + source.slice(match.index).search(/\W/), of: held });
    }
  }
  return places;
}

/** Which tensor a holder's name means. Layers count as in the diagram; a state_dict counts its modules, two a layer. */
function heldBy(groups: Record<string, string | undefined>, keyed: number): Drawn {
  const { inputs, kind, layer, module, parameter, key } = groups;
  if (inputs || key === "inputs") return { kind: "neuron", layer: 0 };
  const isWeight = kind === "W" || parameter === "weight" || key === "weights";
  return { kind: isWeight ? "edge" : "bias", layer: layer ? Number(layer) : module ? Number(module) / 2 + 1 : keyed };
}

function partsOf({ kind, layer }: Drawn, { layers, inputs }: Numbers): { part: Part; value: number }[] {
  if (kind === "neuron") return inputs.map((value, neuron) => ({ part: { kind, layer: 0, neuron }, value }));
  const { weights, biases } = layers[layer - 1] ?? { weights: [], biases: [] };
  if (kind === "bias") return biases.map((value, neuron) => ({ part: { kind, layer, neuron }, value }));
  return weights.flatMap((row, from) => row.map((value, to) => ({ part: { kind, layer, from, to }, value })));
}

/** The numbers of the literal that opens at `at`, where they are those that are expected, in their order. */
function written(source: string, at: number, expected: { part: Part; value: number }[]): Place[] {
  const literal = source.slice(at, closing(source, at));
  const found = [...literal.matchAll(NUMBER)];
  const agree = found.length === expected.length && found.every(([text], i) => Math.fround(Number(text)) === Math.fround(expected[i]!.value));
  if (!agree) return [];
  return found.map(({ 0: text, index }, i) => ({ start: at + index, end: at + index + text.length, of: expected[i]!.part }));
}

function closing(source: string, at: number): number {
  let depth = 0;
  for (let end = at; end < source.length; end++) {
    if (source[end] === "[") depth++;
    else if (source[end] === "]" && --depth === 0) return end;
  }
  return source.length;
}

export interface Piece<Kind> {
  text: string;
  kind: Kind;
  of: Place["of"] | null;
}

/** Parts of a program, cut where a place begins or ends. Their texts together stay the same. */
export function cutAt<Kind>(parts: readonly { text: string; kind: Kind }[], places: readonly Place[]): Piece<Kind>[] {
  const pieces: Piece<Kind>[] = [];
  let start = 0;
  let next = 0;
  for (const { text, kind } of parts) {
    const end = start + text.length;
    let at = start;
    for (; next < places.length && places[next]!.end <= end; next++) {
      const place = places[next]!;
      if (place.start < at) continue;
      if (place.start > at) pieces.push({ text: text.slice(at - start, place.start - start), kind, of: null });
      pieces.push({ text: text.slice(place.start - start, place.end - start), kind, of: place.of });
      at = place.end;
    }
    if (at < end) pieces.push({ text: text.slice(at - start), kind, of: null });
    start = end;
  }
  return pieces;
}
