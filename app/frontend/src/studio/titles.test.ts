import { expect, test } from "vitest";

import type { Layer } from "../model/types";
import { layerTitle } from "./titles";

const layers = (...names: string[]): Layer[] => names.map((name) => ({ name, activation: "tanh", weights: [[1]], biases: [0] }));
const titles = (...names: string[]) => names.map((_, k) => layerTitle(k + 1, layers(...names)));

test("a layer is called by its own name, where that says more than its place", () => {
  expect(titles("encode", "0", "net.2")).toEqual(["encode", { key: "studio.layer-hidden-numbered", values: { number: "2" } }, "net.2"]);
  expect(titles("hidden", "output")).toEqual([{ key: "studio.layer-hidden", values: {} }, { key: "studio.layer-output", values: {} }]);
  expect(titles("hidden 1", "capa β", "")).toEqual([{ key: "studio.layer-hidden-numbered", values: { number: "1" } }, "capa β", { key: "studio.layer-output", values: {} }]);
  expect(layerTitle(0, layers("encode"))).toEqual({ key: "studio.layer-inputs", values: {} });
});
