import type { LabAnswer, LabTensor } from "./protocol";

/** One element of a tensor: where it stands in the tensor and in its storage. */
export interface Cell {
  place: number[];
  /** Index among the storage's elements. */
  at: number;
}

/** More cells than these are counted and not drawn: nobody reads them, and each is an element of the page. */
export const MOST_DRAWN = 512;

/** How many elements a tensor has. */
export const countOf = ({ shape }: LabTensor): number => shape.reduce((count, size) => count * size, 1);

/** The elements of a tensor, row after row; each says which cell of the memory it reads. */
export function cellsOf({ shape, stride, offset }: LabTensor): Cell[] {
  let cells: Cell[] = [{ place: [], at: offset }];
  shape.forEach((size, dimension) => {
    const step = stride[dimension] ?? 0;
    cells = cells.flatMap(({ place, at }) =>
      Array.from({ length: size }, (_, i) => ({ place: [...place, i], at: at + i * step })),
    );
  });
  return cells;
}

/** The shape as Python writes it: (3,), (2, 3). */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** The other tensors that read a tensor's storage. */
export function sharing(answer: LabAnswer, name: string): string[] {
  return readers(answer, answer.tensors[name]?.storage).filter((other) => other !== name);
}

/** The tensors that read a storage. */
export function readers(answer: LabAnswer, storage: string | undefined): string[] {
  return Object.keys(answer.tensors).filter((name) => answer.tensors[name]!.storage === storage);
}

/** The cells of a storage that some tensor reads. */
export function readCells(answer: LabAnswer, storage: string): Set<number> {
  const read = new Set<number>();
  for (const tensor of Object.values(answer.tensors)) {
    if (tensor.storage === storage) for (const { at } of cellsOf(tensor)) read.add(at);
  }
  return read;
}
