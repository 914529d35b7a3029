import type { Box } from "../world/types";
import { panelsWithin, type Inks } from "./paint";
import type { BodyPlan, Panel } from "./plan";

/** What is written around the panels of a body, as its plan leaves room for it. */
export interface Labels {
  /** What each row and each column is of: a word that was put in, or which moment; null where they are of none. */
  readonly rows: readonly string[] | null;
  readonly columns: readonly string[] | null;
  /** The row and the column of the selected number, which stand out; −1 for none. */
  readonly selected: readonly [row: number, column: number];
  /** What all panels are called; each has its number among them, and that alone where the name has no room. */
  readonly name: string;
}

const LARGEST = 11;
const NAME = { size: 12, number: 9, beneath: 8 };
/** Between a panel and the words before and over it. */
const APART = 4;
/** Between the names of two panels. */
const BETWEEN = 6;

const words = (size: number, bold: boolean): string => `${bold ? "600 " : ""}${size}px system-ui, sans-serif`;

/** A panel's number, from 1; of several dimensions the one in each. */
const numberOf = ({ name }: Panel): string => name.map((place) => place + 1).join(",");

export function paintLabels(context: CanvasRenderingContext2D, plan: BodyPlan, { rows, columns, selected, name }: Labels, seen: Box, inks: Inks): void {
  const { labels, panels } = plan;
  if (!labels || panels.length === 0) return;
  context.fillStyle = inks.ink;
  context.textBaseline = "middle";
  const shown = panelsWithin(plan, seen, NAME.beneath);
  for (const panel of shown) {
    const [x, y] = [panel.x - seen.x, panel.y - seen.y];
    const [width, height] = [panel.width / panel.columns, panel.height / panel.rows];
    if (labels.rows && rows) {
      context.textAlign = "right";
      const size = Math.min(LARGEST, height);
      for (let row = 0; row < panel.rows; row++) {
        context.font = words(size, row === selected[0]);
        context.fillText(rows[row] ?? "", x - APART, y + (row + 0.5) * height + 0.5);
      }
    }
    if (labels.columns && columns) {
      context.textAlign = "center";
      const size = Math.min(LARGEST - 1, 1.25 * width);
      for (let column = 0; column < panel.columns; column++) {
        context.font = words(size, column === selected[1]);
        context.fillText(columns[column] ?? "", x + (column + 0.5) * width, y - APART - 1);
      }
    }
  }
  if (labels.names) writeNames(context, plan, shown, name, seen);
}

const SERIF = `italic ${NAME.size}px ui-serif, Georgia, serif`;
const SMALL = `${NAME.number}px system-ui, sans-serif`;
/** How wide words are, by font: the same few hundred of a network are asked for again and again. */
const widths = new Map([SERIF, SMALL].map((font) => [font, new Map<string, number>()]));

function widthOf(context: CanvasRenderingContext2D, font: string, text: string): number {
  const known = widths.get(font)!;
  let width = known.get(text);
  if (width === undefined) {
    context.font = font;
    known.set(text, (width = context.measureText(text).width));
  }
  return width;
}

/** Writes what panels are called, all of a body alike: name and number, the number alone, or nothing. A font is chosen once for all, since each choice costs more than a word. */
function writeNames(context: CanvasRenderingContext2D, { panels }: BodyPlan, shown: readonly Panel[], name: string, seen: Box): void {
  const first = panels[0]!;
  const beside = panels.find(({ x }) => x > first.x)?.x ?? Infinity;
  // What leaves the body is cut there.
  const room = Math.min(first.width + 2 * first.x, beside - first.x - BETWEEN);
  const [wide, widest] = [widthOf(context, SERIF, name), widthOf(context, SMALL, numberOf(panels.at(-1)!))];
  if (widest > room) return;
  const isNamed = wide + 1 + widest <= room;
  const places = shown.map((panel) => {
    const number = numberOf(panel);
    const width = (isNamed ? wide + 1 : 0) + widthOf(context, SMALL, number);
    return { number, left: panel.x + (panel.width - width) / 2 - seen.x, y: panel.y + panel.height + NAME.beneath - seen.y };
  });
  context.textAlign = "left";
  if (isNamed) {
    context.font = SERIF;
    for (const { left, y } of places) context.fillText(name, left, y);
  }
  context.font = SMALL;
  for (const { number, left, y } of places) context.fillText(number, left + (isNamed ? wide + 1 : 0), y + (isNamed ? 2.5 : 0));
}
