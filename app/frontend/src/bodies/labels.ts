import type { Box } from "../world/types";
import type { Inks } from "./paint";
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
  const isSeen = ({ x, y, width, height }: Panel): boolean => x <= seen.x + seen.width + APART && y <= seen.y + seen.height + APART && x + width >= seen.x && y + height + NAME.beneath >= seen.y;
  const naming = labels.names ? namingOf(context, panels, name) : null;
  for (const panel of panels.filter(isSeen)) {
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
    naming?.(panel, x + panel.width / 2, y + panel.height + NAME.beneath);
  }
}

type Write = (panel: Panel, x: number, y: number) => void;

/** How panels are named, all of a body alike: by name and number, by number alone, or not at all. */
function namingOf(context: CanvasRenderingContext2D, panels: readonly Panel[], name: string): Write | null {
  const first = panels[0]!;
  const beside = panels.find(({ x }) => x > first.x)?.x ?? Infinity;
  // What leaves the body is cut there.
  const room = Math.min(first.width + 2 * first.x, beside - first.x - BETWEEN);
  const [serif, small] = [`italic ${NAME.size}px ui-serif, Georgia, serif`, `${NAME.number}px system-ui, sans-serif`];
  const widthOf = (font: string, text: string): number => ((context.font = font), context.measureText(text).width);
  const [wide, widest] = [widthOf(serif, name), widthOf(small, numberOf(panels.at(-1)!))];
  if (wide + 1 + widest <= room) {
    return (panel, x, y) => {
      const number = numberOf(panel);
      const left = x - (wide + 1 + widthOf(small, number)) / 2;
      context.textAlign = "left";
      context.fillText(number, left + wide + 1, y + 2.5);
      context.font = serif;
      context.fillText(name, left, y);
    };
  }
  if (widest > room) return null;
  return (panel, x, y) => {
    context.textAlign = "center";
    context.font = small;
    context.fillText(numberOf(panel), x, y);
  };
}
