import type { Cell } from "../world/types";
import type { Forms } from "./forms.svelte";
import { sameCell } from "./names";

/** The handlers by which an element points at cells, under a pointer or with the focus; the innermost under the pointer counts. */
export function pointing({ given }: Forms, cells: () => readonly (Cell | null)[]) {
  const point = (event: Event): void => {
    event.stopPropagation();
    given.point(cells().filter((cell) => cell !== null));
  };
  const end = (): void => given.point([]);
  return { onpointerover: point, onpointerleave: end, onfocusin: point, onfocusout: end };
}

export const isPointed = ({ given }: Forms, cell: Cell | null): boolean => cell !== null && given.pointed.some((each) => sameCell(each, cell));
