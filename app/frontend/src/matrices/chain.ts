import type { Network } from "../studio/network.svelte";
import type { Selected } from "../studio/selected.svelte";
import { neuronOf, type Part } from "../studio/selection";
import type { Values } from "../studio/values.svelte";
import type { Words } from "../studio/words";
import type { Translate } from "../text/messages";
import { functionSymbol, type Symbol } from "../text/symbols";
import { shownIndices, type Shown } from "./shown";

interface Given {
  t: Translate;
  network: Network;
  values: Values;
  selected: Selected;
  words: Words;
}

/** One matrix of the pass: which of its cells are written, what they hold and what they belong to. */
export interface MatrixView {
  /** values: inputs or activations; weights, biases and sums are what they are called. */
  kind: "values" | "weights" | "biases" | "sums";
  symbol: Symbol;
  shape: [rows: number, columns: number];
  label: string;
  rows: Shown[];
  columns: Shown[];
  /** Names beside the rows, where a row is a neuron. */
  rowNames: string[] | null;
  columnNames: string[];
  value(row: number, column: number): number | undefined;
  part(row: number, column: number): Part;
  /** The cell's place, for tests and links: kind, layer, row, column. */
  address(row: number, column: number): string;
}

/** What stands between two matrices, or before one. */
export interface Operator {
  sign: "·" | "+" | "=";
  /** The activation that is applied here; empty where it is none or the identity. */
  f: string;
}

export type Link = { operator: Operator } | { matrix: MatrixView };

const MOST_ROWS = 8;
const MOST_COLUMNS = 8;

/** The whole pass as a chain: x · W⁽¹⁾ + b⁽¹⁾ = z⁽¹⁾, f(z⁽¹⁾) = a⁽¹⁾, a⁽¹⁾ · W⁽²⁾ + … Layers count as in the diagram. */
export function chainOf(given: Given): Link[] {
  const links: Link[] = [{ matrix: valuesOf(given, 0) }];
  given.network.layers.forEach((layer, k) => {
    const f = functionSymbol(layer.activation);
    links.push({ operator: { sign: "·", f: "" } }, { matrix: weightsOf(given, k + 1) });
    links.push({ operator: { sign: "+", f: "" } }, { matrix: biasesOf(given, k + 1) });
    links.push({ operator: { sign: "=", f: "" } }, { matrix: sumsOf(given, k + 1) });
    links.push({ operator: { sign: "=", f } }, { matrix: valuesOf(given, k + 1) });
  });
  return links;
}

/** The index of a layer that has to be seen even where others are left out: the selected one. */
function kept(given: Given, layer: number): number[] {
  const part = given.selected.part;
  if (!part) return [];
  const { layer: at, neuron } = neuronOf(part);
  if (at === layer) return [neuron];
  return part.kind === "edge" && part.layer - 1 === layer ? [part.from] : [];
}

function described(given: Given, symbol: Symbol, shape: [number, number]): string {
  return given.t("studio.matrix-label", { name: given.words.spokenSymbol(symbol), rows: shape[0], columns: shape[1] });
}

/** A row with a column for each neuron of a layer. */
function rowOf(
  given: Given,
  layer: number,
  row: Pick<MatrixView, "kind" | "symbol"> & { letter: string; part: "neuron" | "bias"; values: ArrayLike<number> | undefined },
): MatrixView {
  const { kind, symbol, letter, part, values } = row;
  const size = given.network.sizes[layer]!;
  return {
    kind,
    symbol,
    shape: [1, size],
    label: described(given, symbol, [1, size]),
    rows: [0],
    columns: shownIndices(size, MOST_COLUMNS, kept(given, layer)),
    rowNames: null,
    columnNames: given.network.names[layer] ?? [],
    value: (_, column) => values?.[column],
    part: (_, column) => ({ kind: part, layer, neuron: column }),
    address: (_, column) => `${letter}.${layer}.${column}`,
  };
}

function valuesOf(given: Given, layer: number): MatrixView {
  const symbol = layer === 0 ? { base: "x", subscript: "" } : given.words.symbols(layer).matrix("a");
  const values = layer === 0 ? given.network.inputs : given.values.activations[layer];
  return rowOf(given, layer, { kind: "values", symbol, letter: "a", part: "neuron", values });
}

function sumsOf(given: Given, layer: number): MatrixView {
  const symbol = given.words.symbols(layer).matrix("z");
  return rowOf(given, layer, { kind: "sums", symbol, letter: "z", part: "neuron", values: given.values.preActivations[layer] });
}

function biasesOf(given: Given, layer: number): MatrixView {
  const symbol = given.words.symbols(layer).matrix("b");
  return rowOf(given, layer, { kind: "biases", symbol, letter: "b", part: "bias", values: given.network.layer(layer)!.biases });
}

function weightsOf(given: Given, layer: number): MatrixView {
  const symbol = given.words.symbols(layer).matrix("W");
  const shape: [number, number] = [given.network.sizes[layer - 1]!, given.network.sizes[layer]!];
  const weights = given.network.layer(layer)!.weights;
  return {
    kind: "weights",
    symbol,
    shape,
    label: described(given, symbol, shape),
    rows: shownIndices(shape[0], MOST_ROWS, kept(given, layer - 1)),
    columns: shownIndices(shape[1], MOST_COLUMNS, kept(given, layer)),
    rowNames: given.network.names[layer - 1] ?? [],
    columnNames: given.network.names[layer] ?? [],
    value: (row, column) => weights[row]?.[column],
    part: (row, column) => ({ kind: "edge", layer, from: row, to: column }),
    address: (row, column) => `w.${layer}.${row}.${column}`,
  };
}
