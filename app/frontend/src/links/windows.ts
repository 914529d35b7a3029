/** What a cell is made of, as places in the bodies that its parts come from. */
import type { Box, Cell, PlacedBody } from "../world/types";

/** A cell that another is made of, and what it is to it, as the explanation calls it. */
export interface Made {
  readonly cell: Cell | null;
  readonly role: string;
}

/** Cells of one body that are drawn side by side: a convolution's window in one map, a row, a column, or one cell alone. */
export interface Window {
  readonly body: PlacedBody;
  readonly box: Box;
  /** Whether they fill the box; a dilated convolution's do not. */
  readonly whole: boolean;
  readonly cells: readonly Cell[];
  readonly role: string;
}

/** The parts of an explanation that have a place on the diagram, those of one body, role and map together. */
export function windowsOf(parts: readonly Made[], bodyOf: (tensor: string) => PlacedBody | null): Window[] {
  const groups = new Map<string, Made[]>();
  for (const part of parts) {
    if (!part.cell) continue;
    const key = `${part.cell.tensor} ${part.role} ${part.cell.at.slice(0, -2).join(".")}`;
    const group = groups.get(key);
    if (group) group.push(part);
    else groups.set(key, [part]);
  }
  return [...groups.values()].flatMap((group) => windowOf(group, bodyOf) ?? []);
}

function windowOf(parts: readonly Made[], bodyOf: (tensor: string) => PlacedBody | null): Window | null {
  const first = parts[0]!;
  const body = bodyOf(first.cell!.tensor);
  if (!body) return null;
  const drawn = parts.flatMap((part) => {
    const box = body.cellBox(part.cell!.at);
    return box ? [{ part, box }] : [];
  });
  // Folded into a card, no cell has a place of its own: all of it gives. Of pictures one of which is opened, the others have none.
  if (drawn.length === 0 && body.index >= 0) return null;
  if (drawn.length === 0) return { body, box: body.box, whole: false, cells: parts.map(({ cell }) => cell!), role: first.role };
  const box = around(drawn.map((each) => each.box));
  const area = new Map(drawn.map((each) => [`${each.box.x} ${each.box.y}`, each.box.width * each.box.height]));
  const filled = [...area.values()].reduce((sum, each) => sum + each, 0);
  return {
    body,
    box,
    whole: filled >= 0.7 * box.width * box.height,
    cells: drawn.map(({ part }) => part.cell!),
    role: first.role,
  };
}

/** The smallest box that holds all of these. */
export function around(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}
