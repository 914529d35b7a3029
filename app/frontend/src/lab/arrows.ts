/** Cells are one stop of the Tab key; within them the arrow keys move. */

/** The cell that a key leads to; null where it leads to none. */
export function nextCell(key: string, at: number, count: number, columns: number): number | null {
  const column = at % columns;
  const next: Record<string, number> = {
    ArrowRight: column + 1 < columns ? at + 1 : count,
    ArrowLeft: column > 0 ? at - 1 : count,
    ArrowDown: at + columns,
    ArrowUp: at - columns,
    Home: 0,
    End: count - 1,
  };
  const found = next[key];
  return found !== undefined && found >= 0 && found < count && found !== at ? found : null;
}

/** For the keydown of what holds the cells. */
export function moveAmongCells(event: KeyboardEvent & { currentTarget: HTMLElement }, columns: number): void {
  const cells = [...event.currentTarget.querySelectorAll<HTMLElement>(".cell")];
  const at = cells.findIndex((cell) => cell === event.target);
  const next = at < 0 ? null : nextCell(event.key, at, cells.length, columns);
  if (next === null) return;
  event.preventDefault();
  cells[next]!.focus();
}
