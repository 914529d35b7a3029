/** The words of the page for networks of every kind. What is drawn of them: bodies/ (values), links/ (between values), forms/ (a number's origin). */

/** One number: a tensor's name and its index, without the batch. Indices count from 0 here and from 1 where people read them. */
export interface Cell {
  readonly tensor: string;
  readonly at: readonly number[];
}

/** A tensor of one input's pass, or a parameter: what it is called and its shape without the batch. */
export interface TensorOutline {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

export interface ParameterOutline extends TensorOutline {
  /** Kept with the network and not learned, as batch normalisation's means are. */
  readonly buffer?: boolean;
}

export interface LayerOutline {
  /** Counts from 0. */
  readonly index: number;
  readonly name: string;
  readonly kind: string;
  readonly activation: string;
  /** The path in its author's code, such as "encoder.0"; null where there is none. */
  readonly module: string | null;
  /** A line of its author's code, such as "net.py:14  x = F.relu(self.edges(x))". */
  readonly source: string | null;
  /** The tensors that it takes its values from. */
  readonly takes: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly parameters: readonly ParameterOutline[];
  /** Before its activation function; null where it has none to tell apart. */
  readonly preActivations: TensorOutline | null;
  readonly activations: TensorOutline;
}

/** What a network is, without its numbers. */
export interface Outline {
  readonly id: string;
  readonly inputs: readonly TensorOutline[];
  readonly layers: readonly LayerOutline[];
  /** Names of tensors. */
  readonly outputs: readonly string[];
  readonly parameters: number;
  readonly dtype: string;
}

export type Form = "sum-of-products" | "sum" | "choice" | "function" | "product" | "normalisation" | "softmax" | "move";

/** What a number is made of, one part of it. `contribution`: of a sum of products, value times parameter. */
export interface Part {
  readonly cell: Cell | null;
  readonly role: string;
  readonly value: number;
  readonly parameter: { readonly cell: Cell | null; readonly value: number } | null;
  readonly contribution: number | null;
}

/** Where a number comes from, with torch's arithmetic: as the server tells it of a watched cell. */
export interface Explanation {
  readonly cell: Cell;
  readonly value: number;
  readonly form: Form;
  readonly parts: readonly Part[];
  /** Of a choice: which part was chosen. */
  readonly chosen: number | null;
  /** Of a function: what it computes, in terms of x (and y); empty for all others. */
  readonly formula: string;
  readonly constants: Readonly<Record<string, number>>;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Where a body of values stands on the diagram, as its shape's module under bodies/ lays it out. */
export interface PlacedBody {
  /** 0 for the inputs, then the layers, as in data-body. */
  readonly index: number;
  readonly tensor: TensorOutline;
  readonly box: Box;
  /** Whether each of its cells is drawn by itself, not in blocks or folded into a card. */
  readonly isWhole: boolean;
  /** Where one of its cells is drawn, or the block that it is in; null where neither is. */
  cellBox(at: readonly number[]): Box | null;
  /** The cell under a point of the diagram; of a block the one in its middle. */
  cellAt(point: Point): readonly number[] | null;
  /** How round a cell's corners are; square where it is not said. */
  corner?(cell: Box): number;
}
