import type { LabAnswer, LabTensor } from "./protocol";

/** One element of a tensor: where it stands in the tensor and in its storage. */
export interface Cell {
  place: number[];
  /** Index among the storage's elements. */
  at: number;
}

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
  const storage = answer.tensors[name]?.storage;
  return Object.entries(answer.tensors)
    .filter(([other, tensor]) => other !== name && tensor.storage === storage)
    .map(([other]) => other);
}

/** The cells of a storage that some tensor reads. */
export function readCells(answer: LabAnswer, storage: string): Set<number> {
  const read = new Set<number>();
  for (const tensor of Object.values(answer.tensors)) {
    if (tensor.storage === storage) for (const { at } of cellsOf(tensor)) read.add(at);
  }
  return read;
}
