import { expect, test } from "vitest";

import { Print } from "./print";

const print = (digits: number, language = "en"): Print => new Print(language, (key) => key, [], { choice: { digits } });
const MINUS = "\u2212";
const SPACE = "\u2007";

/** Of numbers that learners have: features in their own units, weights that grew or died, what float32 holds. */
const NUMBERS = [0, 0.3171, 322, 1234.5, 50614.5, 99999.5, 123456.7, 1e38, 1.2e11, 0.00012, 8e-10, 1.4e-45];

test("a number in a circle has room for 0.0000 and never takes more", () => {
  for (const digits of [2, 4, 8]) {
    for (const size of NUMBERS) {
      for (const value of [size, -size]) {
        const text = print(digits).centred(value);
        expect(text.replaceAll(SPACE, "").replace(MINUS, "").length).toBeLessThanOrEqual(Math.max(5, digits + 2));
        if (value < 0) expect(text.startsWith(MINUS)).toBe(true);
        // Its digits stand in the middle: as much before them as after.
        expect([MINUS, SPACE]).toContain(text[0]);
        expect(text.at(-1)).toBe(SPACE);
      }
    }
  }
});

test("what is written of a number is that number, as far as it is written", () => {
  // The least that float32 holds has no second figure of its own.
  for (const value of NUMBERS.filter((each) => each > 1e-40)) {
    const text = print(4).within(value, 6).replaceAll(MINUS, "-");
    expect(Math.abs(Number(text) / value - 1)).toBeLessThan(text.includes("e") ? 0.05 : 0.2);
  }
});

test("digits give way one after the other", () => {
  const written = [322, 1234.5, 50614.5, 99999.5, 123456.7, 1.2e11].map((value) => print(4).within(value, 6));
  expect(written).toEqual(["322.00", "1234.5", "50615", "1.00e5", "1.23e5", "1.2e11"]);
  expect(print(2).within(50614.5, 4)).toBe("5e4");
  // Of one figure it is no longer without a power of ten; of a smaller number it would be.
  expect([0.02, -0.04, 0.007].map((value) => print(4).within(value, 5, 1))).toEqual(["0.02", `${MINUS}0.04`, `7e${MINUS}3`]);
  // No form of it is shorter.
  expect(print(2).within(8e-10, 4)).toBe(`8e${MINUS}10`);
});

test("a field has the usual digits while they have room", () => {
  expect(print(4).cell(0.3171)).toBe(`${SPACE}0.3171`);
  expect(print(4).cell(-123.45)).toBe(`${MINUS}123.4500`);
  expect(print(4).cell(50614.5)).toBe("50614.50");
  expect(print(4, "es").cell(50614.5)).toBe("50614,50");
});

test("what is not known yet takes as much room as a number", () => {
  // In halves of a digit: a digit has two, a point and a dot one.
  const halves = (text: string): number => [...text].reduce((sum, each) => sum + (each === "." || each === "·" ? 1 : 2), 0);
  for (const digits of [2, 3, 4, 8]) {
    expect(halves(print(digits).inline(undefined))).toBe(halves(print(digits).inline(0.5)));
    expect(halves(print(digits).number(undefined))).toBe(halves(print(digits).number(-0.5)));
    expect(print(digits).number(undefined)).toMatch(/·/);
  }
});
