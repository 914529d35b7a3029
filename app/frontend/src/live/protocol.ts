import type { LayerDocument } from "../model/document";

/** The messages of the live socket (WS /api/v1/live). Every command carries a sequence number that only grows. */

/** What a session starts from; sent again whenever shapes change or the connection was lost. */
export interface Opening {
  /** A network that the server keeps and that this one is, or was made from: then it need not be sent whole. */
  kept?: { id: string; layers: readonly LayerDocument[] };
  layers: readonly LayerDocument[];
  inputs: readonly number[];
}

/** One changed number, or one changed activation. `layer` counts from 0, the first layer after the inputs. */
export type Change =
  | { input: number; value: number }
  | { inputs: readonly number[] }
  | { layer: number; weight: [from: number, to: number]; value: number }
  | { layer: number; bias: number; value: number }
  | { layer: number; activation: string };

/** A layer made of one that the server has: which of its rows and columns stand where, null for a new one; all as they were, where that is
 *  left out. `weights` are the numbers of all cells in a new row or column, row by row, `biases` those of new columns. */
export interface KeptLayer {
  from: number;
  rows?: readonly (number | null)[];
  columns?: readonly (number | null)[];
  weights?: readonly number[];
  biases?: readonly number[];
  activation?: string;
}

/** Another shape, said by what is new in it. What was watched is watched no more. */
export interface Reshape {
  layers: readonly (KeptLayer | LayerDocument)[];
  inputs: readonly number[];
  changes?: readonly Change[];
}

/** What the server tells beside the trace; `as` is what its arrays are called by in a frame, as in sweep.NAME.outputs.
 *  `later`: in a frame of its own, after the pass, so that the pass need not wait for it; what is as it was is left out. */
export type Watch = { later?: boolean } & Watched;

type Watched =
  | { kind: "explain"; layer: number; neuron: number }
  | { kind: "shares"; layer: number }
  | { kind: "differences"; values: readonly (readonly number[])[] }
  | { kind: "sweep"; as: string; vary: Record<string, unknown>; from: number; to: number; steps: number; layers?: boolean }
  | { kind: "grid"; as: string; x: Record<string, unknown>; y: Record<string, unknown>; steps: number }
  | { kind: "batch"; as: string; inputs: readonly (readonly number[])[]; layers?: boolean }
  | { kind: "gradients" };

/** One array of a binary frame: its name and shape. */
export interface Slot {
  name: string;
  shape: number[];
}

export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: { pointer: string; detail: string }[];
}

/** Of tensors that are computed of a cell the box that holds its cells, [from, to) along each dimension, and how many they are. */
export interface Lead {
  tensor: string;
  box?: [number, number][];
  cells?: number;
}

/** Where a NaN or an infinity arose, and the arithmetic that gave it; what is not finite by its name, as JavaScript calls it too. */
export interface Arising {
  cell: { tensor: string; at: number[] };
  value: number | string;
  cause: "given" | "constant" | "product" | "quotient" | "sum" | "function" | "within";
  numbers: (number | string)[];
  formula?: string;
}

/** Which numbers the arrays of a watched cell are. */
export interface DescribedCell {
  name: string;
  tensor: string;
  at: number[];
  form: string;
  /** `parameter` is what each is multiplied with; null where no tensor holds it. */
  parts: { tensor: string; at: number[][]; role?: string; parameter?: { tensor: string | null; at: number[][] | null } }[];
  constants: string[];
  chosen?: number | null;
  formula?: string;
  /** Where the numbers on the way are told too. */
  largest?: number[];
  leads?: Lead[];
  /** Of a number that is not finite where it arose, and where what it is made of there did. */
  arises?: Arising[];
}

export type ServerMessage =
  | { op: "opened"; seq: number; order: Slot[]; dtype: string; device: string }
  | { op: "reshaped"; seq: number; order: Slot[] }
  | { op: "watching"; seq: number; order: Slot[] }
  | { op: "later"; seq: number; order: Slot[] }
  | { op: "order"; seq: number; order: Slot[] }
  | { op: "explained"; seq: number; cells: DescribedCell[] }
  | { op: "problem"; seq: number | null; problem: ProblemDocument };
