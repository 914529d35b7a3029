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
