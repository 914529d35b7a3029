import { expect, test } from "vitest";

import { nameLines, sharingLine, shortened, toldApart } from "./lines";

test("a short name stands as it is, a longer one smaller, a long one on two lines", () => {
  expect(nameLines("edad", 200)).toEqual({ lines: ["edad"], size: 16 });
  expect(nameLines("sepal length (cm)", 140)).toEqual({ lines: ["sepal length (cm)"], size: 13 });
  // Names around it that are small make it small too: one hair's width of difference looks like a fault.
  const [sepal, petal] = ["largo del sépalo (cm)", "largo del pétalo (cm)"];
  expect(nameLines(petal, 400, false, [sepal, petal]).size).toBe(16);
  expect(nameLines("edad", 140, false, ["edad", "sepal length (cm)"]).size).toBe(13);
  expect(nameLines("ingresos anuales del hogar (€)", 140)).toEqual({ lines: ["ingresos anuales", "del hogar (€)"], size: 13 });
});

test("what has no room on two lines ends in …, also without a space", () => {
  const { lines } = nameLines("ingresosanualesdelhogarconvivientes", 70);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toHaveLength(9);
  expect(lines[1]).toMatch(/…$/);
});

test("a name of several words goes on after what joins them", () => {
  expect(nameLines("median_house_value (USD)", 120).lines).toEqual(["median_house_", "value (USD)"]);
  expect(nameLines("a_verylongnameofonewordonly", 120).lines[0]).toBe("a_verylongname");
});

test("whole characters are cut, not halves of them", () => {
  expect(shortened("🦊🦊🦊🦊", 3)).toBe("🦊🦊…");
  expect(shortened("🦊🦊🦊", 3)).toBe("🦊🦊🦊");
});

test("names that share a line are shortened where together they are too long for it", () => {
  expect(sharingLine(["again", "weights"])).toEqual(["again", "weights"]);
  expect(sharingLine(["adaptive_avg_pool2d", "weights"])).toEqual(["adaptive_avg_pool2d", "weights"]);
  expect(sharingLine(["adaptive_avg_pool2d 12", "weights"])).toEqual(["adaptive_… 12", "weights"]);
  // The number that tells it from another one of its name stays.
  expect(sharingLine(["max_pool2d_with_indices 4", "weights"])).toEqual(["max_pool2d… 4", "weights"]);
  // Of a module's path the end.
  expect(sharingLine(["encoder.layers.1.norm2", "weights"])).toEqual(["…norm2", "weights"]);
});

test("names that begin alike are told apart by what comes after", () => {
  expect(toldApart(["class 0", "class 1", "class 10"])).toEqual(["…0", "…1", "…10"]);
  expect(toldApart(["probabilidad de aprobar", "probabilidad de suspender"])).toEqual(["…aprobar", "…suspender"]);
  expect(toldApart(["clase1", "clase12"])).toEqual(["…1", "…12"]);
  expect(toldApart(["iris_setosa", "iris_versicolor", "iris_virginica"])).toEqual(["…setosa", "…versicolor", "…virginica"]);
  for (const names of [["versicolor", "virginica"], ["y1", "z2"], ["class", "class 2"], ["same", "same"], ["alone 1"], []]) expect(toldApart(names)).toEqual(names);
});
