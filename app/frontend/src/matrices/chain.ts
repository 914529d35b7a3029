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

/** The rows of a batch in the matrices: how many there are, which are written, which one is what the network has, and by which name the server tells the others. */
export interface WholeBatch {
  readonly count: number;
  readonly rows: readonly Shown[];
  readonly own: number;
  /** The written ones alone, in the order in which they are told. */
  readonly told: readonly number[];
  readonly as: string;
  input(row: number, input: number): number | undefined;
}

/** One matrix of the pass: which of its cells are written, what they hold and what they belong to. */
export interface MatrixView {
  /** values: inputs or activations; weights, biases and sums are what they are called. */
  kind: "values" | "weights" | "biases" | "sums";
  symbol: Symbol;
  shape: [rows: number, columns: number];
  label: string;
  rows: readonly Shown[];
  columns: Shown[];
  /** What stands beside a row, where there are several. */
  rowName: ((row: number) => string) | null;
  columnNames: string[];
  /** Of a whole batch the row that the network has. */
  own: number | null;
  value(row: number, column: number): number | undefined;
  part(row: number, column: number): Part;
  /** The cell's place, for tests and links: kind, layer, row, column; of another row of a batch that row at the end. */
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

/** The whole pass as a chain: x · W⁽¹⁾ + b⁽¹⁾ = z⁽¹⁾, f(z⁽¹⁾) = a⁽¹⁾, a⁽¹⁾ · W⁽²⁾ + … Layers count as in the diagram. Of a whole batch X, Z and A. */
export function chainOf(given: Given, whole: WholeBatch | null = null): Link[] {
  const links: Link[] = [{ matrix: valuesOf(given, 0, whole) }];
  given.network.layers.forEach((layer, k) => {
    const f = functionSymbol(layer.activation);
    links.push({ operator: { sign: "·", f: "" } }, { matrix: weightsOf(given, k + 1) });
    links.push({ operator: { sign: "+", f: "" } }, { matrix: biasesOf(given, k + 1) });
    links.push({ operator: { sign: "=", f: "" } }, { matrix: sumsOf(given, k + 1, whole) });
    links.push({ operator: { sign: "=", f } }, { matrix: valuesOf(given, k + 1, whole) });
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
    rowName: null,
    columnNames: given.network.names[layer] ?? [],
    own: null,
    value: (_, column) => values?.[column],
    part: (_, column) => ({ kind: part, layer, neuron: column }),
    address: (_, column) => `${letter}.${layer}.${column}`,
  };
}

/** A matrix with a row for each input of a batch: `row` for the one that the network has, `other` for the cells of all others. */
function rowsOf(given: Given, row: MatrixView, whole: WholeBatch, other: (row: number, column: number) => number | undefined): MatrixView {
  const shape: [number, number] = [whole.count, row.shape[1]];
  return {
    ...row,
    shape,
    label: described(given, row.symbol, shape),
    rows: whole.rows,
    rowName: (at) => String(at + 1),
    own: whole.own,
    value: (at, column) => (at === whole.own ? row.value(0, column) : other(at, column)),
    address: (at, column) => (at === whole.own ? row.address(0, column) : `${row.address(0, column)}.${at}`),
  };
}

function valuesOf(given: Given, layer: number, whole: WholeBatch | null): MatrixView {
  const base = layer === 0 ? "x" : "a";
  const name = whole ? base.toUpperCase() : base;
  const symbol = layer === 0 ? { base: name, subscript: "" } : given.words.symbols(layer).matrix(name);
  const values = layer === 0 ? given.network.inputs : given.values.activations[layer];
  const row = rowOf(given, layer, { kind: "values", symbol, letter: "a", part: "neuron", values });
  if (!whole) return row;
  return rowsOf(given, row, whole, layer === 0 ? whole.input : told(given, whole, layer, "activations"));
}

function sumsOf(given: Given, layer: number, whole: WholeBatch | null): MatrixView {
  const symbol = given.words.symbols(layer).matrix(whole ? "Z" : "z");
  const row = rowOf(given, layer, { kind: "sums", symbol, letter: "z", part: "neuron", values: given.values.preActivations[layer] });
  return whole ? rowsOf(given, row, whole, told(given, whole, layer, "pre_activations")) : row;
}

/** What a layer makes of the batch's rows, by row and column; undefined until it is known. */
function told(given: Given, whole: WholeBatch, layer: number, kind: "pre_activations" | "activations"): (row: number, column: number) => number | undefined {
  const all = given.values.pass?.arrays.get(`batch.${whole.as}.layers.${layer - 1}.${kind}`);
  return (row, column) => all?.[whole.told.indexOf(row) * given.network.sizes[layer]! + column];
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
    rowName: (row) => given.network.names[layer - 1]?.[row] ?? "",
    columnNames: given.network.names[layer] ?? [],
    own: null,
    value: (row, column) => weights[row]?.[column],
    part: (row, column) => ({ kind: "edge", layer, from: row, to: column }),
    address: (row, column) => `w.${layer}.${row}.${column}`,
  };
}
