import { expect, test } from "vitest";

import type { Box } from "../world/types";
import { arc, beam, brace, curve, hull, onCurve } from "./lines";

const box = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height });
/** The numbers of a path, as points. */
function pointsOf(path: string): { x: number; y: number }[] {
  const numbers = path.match(/-?\d+(\.\d+)?/g)!.map(Number);
  return Array.from({ length: numbers.length / 2 }, (_, k) => ({ x: numbers[2 * k]!, y: numbers[2 * k + 1]! }));
}

test("a curve leaves and arrives along the flow, and passes its middle", () => {
  expect(curve({ x: 0, y: 0 }, { x: 100, y: 40 }, "right")).toBe("M0 0C50 0 50 40 100 40");
  expect(curve({ x: 0, y: 0 }, { x: 40, y: 100 }, "down")).toBe("M0 0C0 50 40 50 40 100");
  expect(onCurve({ x: 0, y: 0 }, { x: 100, y: 40 }, "right", 0.5)).toEqual({ x: 50, y: 20 });
  expect(onCurve({ x: 0, y: 0 }, { x: 100, y: 40 }, "right", 1)).toEqual({ x: 100, y: 40 });
});

test("the hull leaves out what lies within", () => {
  const square = [{ x: 0, y: 0 }, { x: 4, y: 0 }, { x: 4, y: 4 }, { x: 0, y: 4 }];
  expect(hull([...square, { x: 1, y: 2 }, { x: 2, y: 2 }])).toEqual(square);
});

test("a beam holds window and cell", () => {
  const points = pointsOf(beam(box(0, 0, 30, 30), box(100, 50, 10, 10)));
  expect(points).toHaveLength(6);
  expect(points).toContainEqual({ x: 30, y: 0 });
  expect(points).toContainEqual({ x: 110, y: 60 });
  expect(points).not.toContainEqual({ x: 30, y: 30 });
  expect(points).not.toContainEqual({ x: 100, y: 50 });
});

test.each(["right", "down"] as const)("an arc goes past what it skips: %s", (flow) => {
  const turn = (each: Box): Box => (flow === "right" ? each : box(each.y, each.x, each.height, each.width));
  const path = arc(turn(box(0, 50, 40, 40)), turn(box(300, 50, 40, 40)), [turn(box(120, 10, 80, 120))], flow, 20);
  const heights = pointsOf(path).map(({ x, y }) => (flow === "right" ? y : x));
  expect(Math.max(...heights)).toBe(150);
  expect(heights[0]).toBe(90);
  expect(heights.at(-1)).toBe(90);
});

test.each(["right", "down"] as const)("a brace stands outside its body, its point in the middle: %s", (flow) => {
  const body = flow === "right" ? box(100, 20, 40, 80) : box(20, 100, 80, 40);
  const along = (side: "leaving" | "arriving"): number[] => pointsOf(brace(body, side, flow)).map(({ x, y }) => (flow === "right" ? x : y));
  expect(Math.min(...along("leaving"))).toBeGreaterThan(140);
  expect(Math.max(...along("arriving"))).toBeLessThan(100);
  expect(Math.max(...along("leaving"))).toBe(153);
  const across = pointsOf(brace(body, "leaving", flow)).map(({ x, y }) => (flow === "right" ? y : x));
  expect([Math.min(...across), Math.max(...across)]).toEqual([20, 100]);
  expect(across).toContain(60);
});

test.each(["right", "down"] as const)("an arc goes beside what stands beneath its ends: %s", (flow) => {
  const turn = (each: Box): Box => (flow === "right" ? each : box(each.y, each.x, each.height, each.width));
  const [from, to] = [box(0, 50, 40, 40), box(300, 50, 40, 40)];
  const beneath = { from: [turn(box(-10, 150, 60, 40))], to: [turn(box(290, 150, 60, 60))] };
  const path = arc(turn(from), turn(to), [turn(box(120, 10, 80, 120))], flow, 20, beneath);
  const points = pointsOf(path).map(({ x, y }) => (flow === "right" ? { x, y } : { x: y, y: x }));
  expect(Math.max(...points.map(({ y }) => y))).toBe(230);
  expect([points[0], points.at(-1)]).toEqual([{ x: 40, y: 70 }, { x: 300, y: 70 }]);
  // Lower than its ends it is never over or under what stands there.
  for (const { x, y } of points) if (y > 90) expect(x > 50 && x < 290).toBe(true);
});
