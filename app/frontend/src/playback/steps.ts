/** The forward pass as a row of steps. Pure: sizes in, steps out. Layers count as in the diagram: 0 is the inputs. */

export const GRAINS = ["layer", "neuron", "term"] as const;
export type Grain = (typeof GRAINS)[number];

/** What is computed in one step. By term, a neuron's sum grows term by term, gets its bias and goes through f. */
export type Step =
  | { kind: "inputs" }
  | { kind: "layer"; layer: number }
  | { kind: "neuron" | "bias" | "activation"; layer: number; neuron: number }
  | { kind: "term"; layer: number; neuron: number; from: number };

/** How far the pass has come: layers before `layer` are known as a whole, of `layer` the first of each kind. */
export interface Known {
  layer: number;
  /** Neurons whose z is known. */
  sums: number;
  /** Neurons whose a is known. */
  activations: number;
  /** Terms that the next neuron's sum has so far, its bias counted as the last of them; −1 where it has none. */
  terms: number;
}

/** Steps for one neuron of `layer`: every term, the bias, the activation. */
const termSteps = (sizes: readonly number[], layer: number): number => sizes[layer - 1]! + 2;

function layerSteps(sizes: readonly number[], grain: Grain, layer: number): number {
  if (grain === "layer") return 1;
  return grain === "neuron" ? sizes[layer]! : sizes[layer]! * termSteps(sizes, layer);
}

/** How many steps the pass has: the inputs, then every layer, neuron or term. */
export function stepCount(sizes: readonly number[], grain: Grain): number {
  let count = 1;
  for (let layer = 1; layer < sizes.length; layer++) count += layerSteps(sizes, grain, layer);
  return count;
}

/** The step at an index from 0 to stepCount − 1. Throws RangeError outside. */
export function stepAt(sizes: readonly number[], grain: Grain, index: number): Step {
  if (index === 0) return { kind: "inputs" };
  let rest = index - 1;
  for (let layer = 1; layer < sizes.length; layer++) {
    const steps = layerSteps(sizes, grain, layer);
    if (rest >= 0 && rest < steps) {
      if (grain === "layer") return { kind: "layer", layer };
      if (grain === "neuron") return { kind: "neuron", layer, neuron: rest };
      return termAt(layer, Math.floor(rest / termSteps(sizes, layer)), rest % termSteps(sizes, layer), sizes[layer - 1]!);
    }
    rest -= steps;
  }
  throw new RangeError(`the pass has no step ${index}`);
}

function termAt(layer: number, neuron: number, place: number, terms: number): Step {
  if (place < terms) return { kind: "term", layer, neuron, from: place };
  return { kind: place === terms ? "bias" : "activation", layer, neuron };
}

/** What is known once a step is done. */
export function knownAfter(sizes: readonly number[], step: Step): Known {
  if (step.kind === "inputs") return { layer: 1, sums: 0, activations: 0, terms: -1 };
  const { layer } = step;
  if (step.kind === "layer") return { layer, sums: sizes[layer]!, activations: sizes[layer]!, terms: -1 };
  const { neuron } = step;
  if (step.kind === "term") return { layer, sums: neuron, activations: neuron, terms: step.from + 1 };
  if (step.kind === "bias") return { layer, sums: neuron + 1, activations: neuron, terms: sizes[layer - 1]! + 1 };
  return { layer, sums: neuron + 1, activations: neuron + 1, terms: -1 };
}

/** All but the outputs: of a network with hidden layers their sums neither, of a single layer the sums. */
export function beforeOutputs(sizes: readonly number[]): Known {
  const layer = sizes.length - 1;
  const sums = layer === 1 ? sizes[layer]! : 0;
  return { layer, sums, activations: 0, terms: sums > 0 ? sizes[0]! + 1 : -1 };
}

/** The last step of this grain at which no more is known than after `step`: where the pass stands, told in other steps. */
export function sameMoment(sizes: readonly number[], grain: Grain, step: Step): number {
  const reached = knownAfter(sizes, step);
  let low = 0;
  let high = stepCount(sizes, grain) - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isAfter(knownAfter(sizes, stepAt(sizes, grain, middle)), reached)) high = middle - 1;
    else low = middle;
  }
  return low;
}

function isAfter(a: Known, b: Known): boolean {
  if (a.layer !== b.layer) return a.layer > b.layer;
  if (a.activations !== b.activations) return a.activations > b.activations;
  return a.terms > b.terms;
}
