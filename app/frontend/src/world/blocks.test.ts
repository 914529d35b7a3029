import { expect, test } from "vitest";

import { Names } from "../forms/names";
import { blocksOf, moduleOf, unfoldedAtFirst, unfoldedGroups, type CardBlock } from "./blocks";
import { pathWithin, runTitle } from "./runs";
import type { LayerOutline, Outline } from "./types";

/** A chain of layers, each of a kind in a module, named by the end of its path as the page names them. */
function chain(layers: readonly (readonly [kind: string, module: string | null, shape?: readonly number[]])[]): Outline {
  const tensor = (name: string, shape: readonly number[] = [4, 4]): LayerOutline["activations"] => ({ name, shape: [...shape], dtype: "float32" });
  return {
    ...{ id: "x", inputs: [tensor("inputs")], outputs: [`layers.${layers.length - 1}.activations`], parameters: 0, dtype: "float32" },
    layers: layers.map(([kind, module, shape], index) => ({
      ...{ index, kind, module, name: /\d$/.test(module ?? "") && kind !== "conv2d" ? kind : (module?.split(".").at(-1) ?? kind), options: {}, activation: "identity" },
      ...{ takes: [index === 0 ? "inputs" : `layers.${index - 1}.activations`], parameters: [], preActivations: null, source: null },
      activations: tensor(`layers.${index}.activations`, shape),
    })) as unknown as LayerOutline[],
  };
}

const t = (key: string, values?: Record<string, unknown>): string => key + (values ? JSON.stringify(values) : "");
const called = (outline: Outline): string[] => {
  const names = new Names(outline, t);
  return outline.layers.map(({ activations }) => names.tensor(activations.name));
};
const cardsOf = (outline: Outline, unfolded = unfoldedAtFirst(outline)): CardBlock[] => blocksOf(outline, unfolded).filter((each) => each.sort === "card");

test("a layer is called by its module's own name; of two the paths tell them apart", () => {
  const stages = ["layer1.0", "layer1.1", "layer2.0"].flatMap((at) => [["conv2d", `${at}.conv1`], ["conv2d", `${at}.conv2`]] as const);
  const found = called(chain([["conv2d", "conv1"], ...stages, ["dense", "fc"]]));
  expect(found).toEqual(["conv1", "layer1.0.conv1", "layer1.0.conv2", "layer1.1.conv1", "layer1.1.conv2", "layer2.0.conv1", "layer2.0.conv2", "fc"]);
});

test("where not even the paths tell layers apart, their numbers do", () => {
  expect(called(chain([["add", "block.0"], ["add", "block.0"], ["add", "block.1"], ["add", null]]))).toEqual(["add 1", "add 2", "block.1.add", "add"]);
});

test("many steps of one module stay one card with its name, and its runs have that name too", () => {
  const steps = Array.from({ length: 90 }, () => ["sigmoid", "lstm"] as const);
  const outline = chain([...steps, ["dense", "head"]]);
  expect(cardsOf(outline).map(({ path }) => path)).toEqual(["lstm"]);
  const runs = cardsOf(outline, new Set(["lstm@0"]));
  expect(runs.map(({ path }) => path)).toEqual(Array(runs.length).fill(""));
  expect(runTitle(t, runs[1]!.layers)).toBe('world.run-of{"module":"lstm","from":11,"to":20}');
  expect(runTitle(t, outline.layers)).toBe('world.run{"from":1,"to":91}');
});

test("parameters that all steps of a module share are counted once, where it is unfolded too", () => {
  const outline = chain([...Array.from({ length: 90 }, () => ["dense", "lstm"] as const), ["dense", "head"]]);
  const parameters = [["weights", [4, 24]], ["biases", [24]]].map(([name, shape]) => ({ name: `layers.0.${name as string}`, shape: shape as number[], dtype: "float32" }));
  const shared = { ...outline, layers: outline.layers.map((layer) => ({ ...layer, parameters })) };
  const all = 4 * 24 + 24;
  expect(cardsOf(shared).map((card) => card.parameters)).toEqual([{ own: all, shared: 0 }]);
  const steps = cardsOf(shared, new Set(["lstm@0"])).map((card) => card.parameters);
  expect(steps).toEqual(steps.map((_, k) => (k === 0 ? { own: all, shared: 0 } : { own: 0, shared: all })));
  expect(steps.length).toBeGreaterThan(1);
});

test("what is kept with the network and not learned is not counted", () => {
  const outline = chain([...Array.from({ length: 90 }, () => ["batch_norm", "norm"] as const), ["dense", "head"]]);
  const named = (name: string, buffer?: boolean) => ({ name: `layers.0.${name}`, shape: [6], dtype: "float32", ...(buffer ? { buffer } : {}) });
  const parameters = [named("mean", true), named("variance", true), named("scale"), named("shift")];
  const cards = cardsOf({ ...outline, layers: outline.layers.map((layer) => ({ ...layer, parameters })) });
  expect(cards[0]!.parameters).toEqual({ own: 12, shared: 0 });
});

test("a card shows each attention that it holds", () => {
  const attention = (at: string): [string, string, number[]][] => [["dense", `${at}.in`, [16, 48]], ["softmax", `${at}.attention`, [2, 16, 16]], ["dense", `${at}.out`, [16, 16]]];
  const outline = chain([...[0, 1, 2].flatMap((k) => attention(`encoder.layers.${k}`)), ["dense", "head", [16, 12]]]);
  const [card] = cardsOf(outline, new Set());
  expect(card!.faces.map(({ name }) => name)).toEqual([1, 4, 7].map((k) => `layers.${k}.activations`));
});

test("the module of a run is what all of it stands in", () => {
  expect(moduleOf(chain([["add", "a.b.c"], ["add", "a.b"], ["add", "a.b.d"]]).layers)).toBe("a.b");
  expect(moduleOf(chain([["add", "a"], ["add", null]]).layers)).toBe("");
});

test("a module's path begins where the frames around it end", () => {
  const outline = chain([["add", "encoder.layers.0.attention.a"], ["add", "encoder.layers.0.attention.b"], ["add", "encoder.layers.0.norm"], ["dense", "encoder.layers.1.norm"], ["dense", "head"]]);
  const groups = unfoldedGroups(outline, new Set(["encoder@0", "encoder.layers.0@0"]));
  expect(pathWithin("encoder.layers.0.attention", 0, groups)).toBe("attention");
  expect(groups.map(({ path, depth }) => pathWithin(path, 0, groups, depth))).toEqual(["encoder", "layers.0"]);
  expect(pathWithin("encoder.layers", 0, [])).toBe("encoder.layers");
});
