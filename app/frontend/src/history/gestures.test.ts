import { expect, test } from "vitest";

import { Gestures } from "./gestures";

test("a drag is one gesture, however long the hand rests; the next drag is another", () => {
  const gestures = new Gestures();
  gestures.press();
  const first = gestures.of("w", 0);
  expect(gestures.of("w", 5000)).toBe(first);
  gestures.release();
  gestures.press();
  expect(gestures.of("w", 5010)).not.toBe(first);
});

test("keys in quick succession are one gesture; after a pause or on another target it is another", () => {
  const gestures = new Gestures();
  const first = gestures.of("w", 0);
  expect(gestures.of("w", 800)).toBe(first);
  const later = gestures.of("w", 1800);
  expect(later).not.toBe(first);
  expect(gestures.of("b", 1810)).not.toBe(later);
  const again = gestures.of("w", 1820);
  gestures.end();
  expect(gestures.of("w", 1830)).not.toBe(again);
});

test("a double click is one gesture with what its first click did", () => {
  const gestures = new Gestures();
  const click = (changes: boolean): string | null => {
    gestures.press();
    const name = changes ? gestures.of("w", 0) : null;
    gestures.release();
    return name;
  };
  const first = click(true);
  click(false);
  gestures.double();
  expect(gestures.of("w", 10)).toBe(first);
  gestures.end();
  expect(gestures.of("w", 20)).not.toBe(first);
});

test("a double click that hits the thumb is no part of what was done before", () => {
  const gestures = new Gestures();
  gestures.press();
  const drag = gestures.of("w", 0);
  gestures.release();
  for (let clicks = 0; clicks < 2; clicks++) {
    gestures.press();
    gestures.release();
  }
  gestures.double();
  expect(gestures.of("w", 10)).not.toBe(drag);
  gestures.press();
  gestures.of("w", 20);
  gestures.double();
  expect(gestures.of("b", 30)).toMatch(/^b#/);
});
