import type { Standing } from "../world/place";
import { boxOfShown, shownOf } from "./plan";

/** The cell to which a key leads from this one: the next in its direction, as they are drawn; null where the key leads nowhere. */
export function walked(body: Standing, at: readonly number[] | null, key: string): readonly number[] | null {
  const { plan } = body;
  const first = plan.panels[0];
  const last = plan.panels.at(-1);
  if (!first || !last) return null;
  const total = last.start + last.count;
  const shown = at && shownOf(plan, at);
  if (key === "Home") return cellOf(body, 0);
  if (key === "End") return cellOf(body, total - 1);
  const direction = DIRECTIONS[key];
  if (!direction) return null;
  if (shown === null) return cellOf(body, 0);
  const box = boxOfShown(plan, shown)!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const step = { x: x + direction[0] * box.width, y: y + direction[1] * box.height };
  const beside = body.cellAt({ x: body.box.x + step.x, y: body.box.y + step.y });
  if (beside) return beside;
  // Over the edge of one picture into the next that lies that way.
  const others = plan.panels
    .map((panel) => ({ panel, dx: panel.x + panel.width / 2 - x, dy: panel.y + panel.height / 2 - y }))
    .filter(({ dx, dy, panel }) => (direction[0] ? Math.sign(dx) === direction[0] && Math.abs(dx) > panel.width / 2 : Math.sign(dy) === direction[1] && Math.abs(dy) > panel.height / 2))
    .sort((a, b) => Math.hypot(a.dx, a.dy) - Math.hypot(b.dx, b.dy));
  const next = others[0]?.panel;
  if (!next) return at;
  const within = {
    x: Math.max(next.x + 0.1, Math.min(next.x + next.width - 0.1, direction[0] > 0 ? next.x : direction[0] < 0 ? next.x + next.width : x)),
    y: Math.max(next.y + 0.1, Math.min(next.y + next.height - 0.1, direction[1] > 0 ? next.y : direction[1] < 0 ? next.y + next.height : y)),
  };
  return body.cellAt({ x: body.box.x + within.x, y: body.box.y + within.y }) ?? at;
}

const DIRECTIONS: Record<string, readonly [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function cellOf(body: Standing, flat: number): readonly number[] | null {
  const box = boxOfShown(body.plan, flat);
  return box && body.cellAt({ x: body.box.x + box.x + box.width / 2, y: body.box.y + box.y + box.height / 2 });
}
