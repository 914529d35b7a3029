import { LONGEST_NAME, outputsNamed } from "./naming";
import type { Layer, StudioState } from "./types";

/** Reads a state from what an address, a file or the browser's storage holds: anything at all. */

const LARGEST_FLOAT32 = 3.4028234663852886e38;
const ACTIVATION = /^[a-z0-9_]{1,32}$/;
const MOST_LAYERS = 64;

/** The state, or null where a shape does not fit, a number is not one, or anything is missing. */
export function checkedState(value: unknown): StudioState | null {
  if (!isRecord(value)) return null;
  const { preset, inputs, inputNames, inputRanges, outputNames, layers, seed } = value;
  if (!isVector(inputs) || inputs.length === 0) return null;
  if (!isNames(inputNames, inputs.length)) return null;
  if (!Array.isArray(inputRanges) || inputRanges.length !== inputs.length || !inputRanges.every(isRange)) return null;
  if (!Array.isArray(layers) || layers.length === 0 || layers.length > MOST_LAYERS) return null;
  let width = inputs.length;
  const read: Layer[] = [];
  for (const candidate of layers) {
    const layer = checkedLayer(candidate, width);
    if (!layer) return null;
    read.push(layer);
    width = layer.biases.length;
  }
  return {
    preset: typeof preset === "string" ? preset : null,
    inputs,
    inputNames,
    inputRanges: inputRanges as [number, number][],
    outputNames: outputsNamed(isNames(outputNames) ? outputNames.slice(0, width) : [], width),
    layers: read,
    seed: Number.isSafeInteger(seed) && (seed as number) >= 0 ? (seed as number) : 0,
  };
}

function checkedLayer(value: unknown, width: number): Layer | null {
  if (!isRecord(value)) return null;
  const { name, activation, weights, biases, neuronNames } = value;
  if (typeof activation !== "string" || !ACTIVATION.test(activation)) return null;
  if (!isVector(biases) || biases.length === 0) return null;
  if (!Array.isArray(weights) || weights.length !== width) return null;
  if (!weights.every((row) => isVector(row) && row.length === biases.length)) return null;
  const layer: Layer = { name: typeof name === "string" ? name.slice(0, 200) : "", activation, weights, biases };
  return isNames(neuronNames, biases.length) ? { ...layer, neuronNames } : layer;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isNumber = (value: unknown): value is number => typeof value === "number" && Math.abs(value) <= LARGEST_FLOAT32;

const isVector = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber);

function isNames(value: unknown, count?: number): value is string[] {
  if (!Array.isArray(value) || (count !== undefined && value.length !== count)) return false;
  return value.every((name) => typeof name === "string" && [...name].length <= LONGEST_NAME);
}

const isRange = (value: unknown): value is [number, number] => isVector(value) && value.length === 2 && value[0]! < value[1]!;
