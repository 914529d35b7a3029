import type { Message } from "../model/types";
import type { Stroke } from "../pad/strokes";
import { flatOf, indexOf, sizeOf } from "./cells";
import type { Cell, Outline, TensorOutline } from "./types";

/**
 * What is the learner's own of a network that the server keeps: its inputs, and what she changed of its parameters. Immutable;
 * states share what did not change, so that a step of the history is as small as what it changed.
 */
export interface WorldState {
  /** The network that the server keeps. */
  readonly outline: Outline;
  readonly tensors: ReadonlyMap<string, Numbers>;
}

/** A tensor's numbers: `base`, null where the server keeps them, and what differs from it by place. */
export interface Numbers {
  readonly base: Float64Array | null;
  readonly changed: ReadonlyMap<number, Changed>;
}

/** `was`: of a parameter the number that the server keeps there; null where it is not known. */
interface Changed {
  readonly value: number;
  readonly was: number | null;
}

/** Above so many differences they are written into a base of their own. */
const MOST_CHANGED = 512;

export const EMPTY: Numbers = { base: null, changed: new Map() };

/** The number at a place; undefined where only the server knows it. */
export const numberAt = (numbers: Numbers | undefined, flat: number): number | undefined =>
  numbers?.changed.get(flat)?.value ?? numbers?.base?.[flat];

/** All numbers of a tensor that has a base. */
export function allOf({ base, changed }: Numbers): Float64Array {
  if (base === null) throw new Error("only the server has these numbers");
  if (changed.size === 0) return base;
  const all = base.slice();
  for (const [flat, { value }] of changed) all[flat] = value;
  return all;
}

export const withValues = (state: WorldState, tensor: string, values: ArrayLike<number>): WorldState => ({
  ...state,
  tensors: new Map(state.tensors).set(tensor, { base: Float64Array.from(values), changed: new Map() }),
});

/** Other numbers at these places of a tensor; `was` is what the server keeps there, where that is known. */
export function withNumbers(state: WorldState, tensor: string, changes: ReadonlyMap<number, number>, was: number | null = null): WorldState {
  const numbers = state.tensors.get(tensor) ?? EMPTY;
  const changed = new Map(numbers.changed);
  for (const [flat, value] of changes) changed.set(flat, { value, was: changed.get(flat)?.was ?? was });
  let next: Numbers = { base: numbers.base, changed };
  if (next.base !== null && changed.size > MOST_CHANGED) next = { base: allOf(next), changed: new Map() };
  return { ...state, tensors: new Map(state.tensors).set(tensor, next) };
}

export const withNumber = (state: WorldState, { tensor, at }: Cell, shape: readonly number[], value: number, was: number | null = null): WorldState =>
  withNumbers(state, tensor, new Map([[flatOf(at, shape), value]]), was);

/** The inputs of a state, without what was changed of the parameters. */
export const withInputsAlone = (state: WorldState): WorldState => only(state, true);

/** What was changed of the parameters. */
export const withParametersAlone = (state: WorldState): WorldState => only(state, false);

function only({ outline, tensors }: WorldState, inputs: boolean): WorldState {
  const names = new Set(outline.inputs.map(({ name }) => name));
  return { outline, tensors: new Map([...tensors].filter(([name]) => names.has(name) === inputs)) };
}

/** What the server is told: one number, all of a tensor, or what a pen drew, of which the server makes the numbers. */
export type WorldChange = NumberChange | { tensor: string; strokes: readonly Stroke[] };

export type NumberChange = { cell: Cell; value: number } | { tensor: string; values: Float64Array };

/** Above so many numbers of a tensor all of it is told. */
const MOST_CELLS = 64;

/** The changes that make one state of another; null where the server alone knows a number that comes back. */
export function changesBetween(before: WorldState, after: WorldState, shapes: ReadonlyMap<string, TensorOutline>): NumberChange[] | null {
  const found: NumberChange[] = [];
  for (const tensor of new Set([...before.tensors.keys(), ...after.tensors.keys()])) {
    const [from, to] = [before.tensors.get(tensor) ?? EMPTY, after.tensors.get(tensor) ?? EMPTY];
    if (from === to) continue;
    const changes = from.base === to.base ? cellsBetween(tensor, from, to, shapes.get(tensor)?.shape ?? []) : null;
    if (changes && changes.length <= MOST_CELLS) found.push(...changes);
    else if (to.base !== null) found.push({ tensor, values: allOf(to) });
    else if (changes) found.push(...changes);
    else return null;
  }
  return found;
}

function cellsBetween(tensor: string, from: Numbers, to: Numbers, shape: readonly number[]): NumberChange[] | null {
  const found: NumberChange[] = [];
  for (const flat of new Set([...from.changed.keys(), ...to.changed.keys()])) {
    const was = from.changed.get(flat)?.was;
    const value = to.changed.get(flat)?.value ?? to.base?.[flat] ?? was;
    if (value === undefined || value === null) return null;
    if (value !== from.changed.get(flat)?.value) found.push({ cell: { tensor, at: indexOf(flat, shape) }, value });
  }
  return found;
}

/** The numbers of a tensor from this one on as nested arrays, which JSON is told. */
export function nestedOf(values: ArrayLike<number>, shape: readonly number[], from = 0): unknown {
  const [size, ...rest] = shape;
  if (size === undefined) return values[from];
  const nested = new Array<unknown>(size);
  if (rest.length === 0) for (let k = 0; k < size; k++) nested[k] = values[from + k];
  else for (let k = 0; k < size; k++) nested[k] = nestedOf(values, rest, from + k * sizeOf(rest));
  return nested;
}

/** A number that was changed, and what it was, where that is known. */
export interface ChangedNumber {
  readonly cell: Cell;
  readonly value: number;
  readonly before: number | undefined;
}

/** What one change says in the history, or two as a point. A word's number, which is whole, is said without digits. */
export function changesSaid([first, second]: readonly ChangedNumber[], nameOf: (cell: Cell) => string, isWhole: (tensor: string) => boolean): Message {
  const said = (value: number | undefined): number | string => (value === undefined ? "" : isWhole(first!.cell.tensor) ? String(value) : value);
  if (!second) return { key: "world.did-change", values: { what: nameOf(first!.cell), before: said(first!.before), after: said(first!.value) } };
  return { key: "studio.did-point", values: { x: nameOf(first!.cell), at: first!.value, y: nameOf(second.cell), and: second.value } };
}
