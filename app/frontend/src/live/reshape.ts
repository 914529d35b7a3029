import type { LayerDocument } from "../model/document";
import { sameNumbers } from "./difference";
import type { Change, KeptLayer, Opening, Reshape } from "./protocol";

/**
 * What the server has to be told so that one network becomes another of another shape: which layers, rows and columns stay, the numbers
 * of new ones, and what else is different. Null where that is hardly less than the whole network.
 *
 * Where things stay is guessed from their numbers. A wrong guess makes it longer and never wrong, since each number that the guess does
 * not give is told.
 */
export function reshape(before: Opening, after: Opening): Reshape | null {
  const sources = layerPlaces(before.layers, after.layers);
  const layers: (KeptLayer | LayerDocument)[] = [];
  const changes: Change[] = [];
  let told = 0;
  let last: { from: number; columns: Places } | null = null;
  for (const [k, layer] of after.layers.entries()) {
    const from = sources[k]!;
    const old = from === null ? undefined : before.layers[from];
    if (from === null || !old) {
      layers.push(layer);
      told += layer.weights.length * layer.biases.length;
      last = null;
      continue;
    }
    const rows = last?.from === from - 1 ? last.columns : null;
    const fit = bestFit(old, layer, rows);
    layers.push(kept(from, old, layer, fit));
    const differing = changesOf(k, old, layer, fit);
    changes.push(...differing);
    told += fit.fresh + CHANGE_NUMBERS * differing.length;
    last = { from, columns: fit.columns };
  }
  return told > MOST_SHARE * numbersOf(after) ? null : { layers, inputs: after.inputs, ...(changes.length > 0 && { changes }) };
}

/** For each new place the old one, or null where something new stands. */
type Places = readonly (number | null)[];

interface Fit {
  rows: Places;
  columns: Places;
  /** How many numbers stand in a new row or column. */
  fresh: number;
}

/** A change of one number is written as long as so many numbers of a matrix. */
const CHANGE_NUMBERS = 3;
/** Above this part of its numbers a network is sent whole. */
const MOST_SHARE = 0.5;

const numbersOf = ({ layers }: Opening): number => layers.reduce((sum, { weights, biases }) => sum + (weights.length + 1) * biases.length, 0);

/** Which old layer each new one is: those that begin and end alike keep their places; between them, by biases or in order. */
function layerPlaces(before: readonly LayerDocument[], after: readonly LayerDocument[]): Places {
  const alike = (i: number, j: number): boolean => sameNumbers(before[i]!.biases, after[j]!.biases);
  const places = withOneGap(before.length, after.length, alike);
  const first = places.findIndex((from, k) => from === null || !alike(from, k));
  if (first < 0) return places;
  const free = new Set(before.keys());
  for (const [k, from] of places.entries()) if (from !== null && alike(from, k)) free.delete(from);
  return places.map((from, k) => {
    if (from !== null && alike(from, k)) return from;
    const moved = [...free].find((i) => alike(i, k));
    const taken = moved ?? (from !== null && free.has(from) ? from : null);
    if (taken !== null) free.delete(taken);
    return taken;
  });
}

/** Old places for `after` new ones, where something was put in or taken out at one place: what begins and ends the same stays. */
function withOneGap(before: number, after: number, same: (i: number, j: number) => boolean): Places {
  const shorter = Math.min(before, after);
  let head = 0;
  while (head < shorter && same(head, head)) head++;
  let tail = 0;
  while (tail < shorter - head && same(before - 1 - tail, after - 1 - tail)) tail++;
  return Array.from({ length: after }, (_, k) => {
    if (k >= after - tail) return k - after + before;
    return k < before - tail ? k : null;
  });
}

function bestFit(old: LayerDocument, layer: LayerDocument, follow: Places | null): Fit {
  const inOrder = Array.from({ length: layer.weights.length }, (_, i) => (i < old.weights.length ? i : null));
  const sameRow = (i: number, j: number): boolean => sameNumbers(old.weights[i]!, layer.weights[j]!);
  const candidates: Places[] = [inOrder];
  if (old.weights.length !== layer.weights.length) candidates.push(withOneGap(old.weights.length, layer.weights.length, sameRow));
  if (follow?.length === layer.weights.length) candidates.unshift(follow);
  const fits = candidates.map((rows) => fitOf(old, layer, rows));
  const costs = fits.map((fit) => fit.fresh + CHANGE_NUMBERS * changesOf(0, old, layer, fit).length);
  return fits[costs.indexOf(Math.min(...costs))]!;
}

function fitOf(old: LayerDocument, layer: LayerDocument, rows: Places): Fit {
  const sameColumn = (i: number, j: number): boolean =>
    old.biases[i] === layer.biases[j] && rows.every((from, row) => from === null || old.weights[from]![i] === layer.weights[row]![j]);
  const columns = withOneGap(old.biases.length, layer.biases.length, sameColumn);
  const kept = columns.filter((from) => from !== null).length;
  const keptRows = rows.filter((from) => from !== null).length;
  return { rows, columns, fresh: rows.length * columns.length - keptRows * kept + columns.length - kept };
}

function kept(from: number, old: LayerDocument, layer: LayerDocument, { rows, columns }: Fit): KeptLayer {
  const weights = layer.weights.flatMap((row, i) => row.filter((_, j) => rows[i] === null || columns[j] === null));
  const biases = layer.biases.filter((_, j) => columns[j] === null);
  return {
    from,
    ...(!isInPlace(rows, old.weights.length) && { rows }),
    ...(!isInPlace(columns, old.biases.length) && { columns }),
    ...(weights.length > 0 && { weights }),
    ...(biases.length > 0 && { biases }),
    ...(old.activation !== layer.activation && { activation: layer.activation }),
  };
}

const isInPlace = (places: Places, count: number): boolean => places.length === count && places.every((from, k) => from === k);

/** The numbers that are not what stood at their old places. */
function changesOf(layer: number, old: LayerDocument, { weights, biases }: LayerDocument, { rows, columns }: Fit): Change[] {
  const changes: Change[] = [];
  for (const [i, row] of weights.entries()) {
    const before = rows[i] === null ? null : old.weights[rows[i]!]!;
    if (before === null || before === row) continue;
    for (const [j, value] of row.entries()) {
      const from = columns[j]!;
      if (from !== null && before[from] !== value) changes.push({ layer, weight: [i, j], value });
    }
  }
  for (const [bias, value] of biases.entries()) {
    const from = columns[bias]!;
    if (from !== null && old.biases[from] !== value) changes.push({ layer, bias, value });
  }
  return changes;
}
