import { expect, test } from "vitest";

import { paintLabels } from "./labels";
import type { Inks } from "./paint";
import { planBody } from "./plan";

/** Letters are half as wide as they are high. */
class Pen {
  font = "";
  textAlign = "";
  readonly written: { text: string; from: number; to: number }[] = [];

  measureText(text: string): { width: number } {
    return { width: (text.length * Number(/(\d+)px/.exec(this.font)![1])) / 2 };
  }

  fillText(text: string, x: number): void {
    const { width } = this.measureText(text);
    const from = this.textAlign === "center" ? x - width / 2 : x;
    this.written.push({ text, from, to: from + width });
  }
}

test.each([
  ["in one column", 600],
  ["side by side", 150],
])("what pictures %s are called stays within their body, by number alone where it has to", (_, height) => {
  const plan = planBody([8, 4, 4], { width: 240, height, scale: 1 });
  const named = Array.from({ length: 20 }, (_, k) => {
    const pen = new Pen();
    const labels = { rows: null, columns: null, selected: [-1, -1], name: "n".repeat(k + 1) } as const;
    paintLabels(pen as never, plan, labels, { x: 0, y: 0, width: plan.width, height: plan.height }, {} as Inks);
    for (const { text, from, to } of pen.written) expect([text, from >= 0, to <= plan.width]).toEqual([text, true, true]);
    return pen.written.some(({ text }) => text === labels.name);
  });
  expect([named[0], named.at(-1)]).toEqual([true, false]);
});
