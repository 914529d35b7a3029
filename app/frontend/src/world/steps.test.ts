import { describe, expect, test } from "vitest";

import { blocksOf, unfoldedGroups, type CardBlock } from "./blocks";
import { runTitle } from "./runs";
import { stepsOf } from "./steps";
import type { LayerOutline, Outline } from "./types";

type Made = readonly [kind: string, module: string | null, takes: readonly number[]];

function layersOf(made: readonly Made[]): LayerOutline[] {
  const tensor = (index: number): LayerOutline["activations"] => ({ name: index < 0 ? "inputs" : `layers.${index}.activations`, shape: [1, 6], dtype: "float32" });
  return made.map(([kind, module, takes], index) => ({
    ...{ index, kind, module, name: kind, options: {}, activation: "identity", parameters: [], preActivations: null, source: null },
    ...{ takes: takes.map((each) => tensor(each).name), activations: tensor(index) },
  })) as unknown as LayerOutline[];
}

/** An LSTM as a trace writes it out: what it begins with, its steps, of which the last leaves its last tanh to the layer before, and what joins them. */
function lstm(times: number, from = 0, module = "cell"): Made[] {
  const made: Made[] = [["full", module, []], ["full", module, []], ...Array.from({ length: times }, (): Made => ["select", module, [from - 1]])];
  const given: number[] = [];
  for (let k = 0; k < times; k++) {
    const at = from + made.length;
    made.push(["dense", module, [at - 1]], ["add", module, [at]], ...[1, 2, 3, 4].map((): Made => ["slice", module, [at + 1]]));
    made.push(["sigmoid", module, [at + 2]], ["sigmoid", module, [at + 3]], ["tanh", module, [at + 4]], ["sigmoid", module, [at + 5]]);
    made.push(["mul", module, [at + 6, from]], ["mul", module, [at + 7, at + 8]], ["add", module, [at + 10, at + 11]]);
    if (k < times - 1) made.push(["tanh", module, [at + 12]]);
    made.push(["mul", module, [from + made.length - 1, at + 9]]);
    given.push(from + made.length - 1);
  }
  made.push(["cat", module, given], ["transpose", module, [from + made.length]]);
  return made;
}

const t = (key: string, values?: Record<string, unknown>): string => key + JSON.stringify(values ?? {});
const outlineOf = (made: readonly Made[]): Outline => {
  const layers = layersOf([...made, ["dense", "head", [made.length - 1]]]);
  return { id: "x", inputs: [{ name: "inputs", shape: [5, 4], dtype: "float32" }], layers, outputs: [layers.at(-1)!.activations.name], parameters: 0, dtype: "float32" };
};
const cardsOf = (outline: Outline, ...unfolded: string[]): CardBlock[] => blocksOf(outline, new Set(unfolded)).filter((each): each is CardBlock => each.sort === "card");
const told = ({ step, layers }: { step?: CardBlock["step"] | null; layers: readonly LayerOutline[] }): string => `${step ? `${step.from}–${step.to} of ${step.count}` : "—"}: ${layers.length}`;

describe("steps", () => {
  test("of an LSTM are what it computes again, the last one without what joins them", () => {
    const runs = stepsOf(layersOf(lstm(5)))!;
    expect(runs.map(told)).toEqual(["—: 7", "1–1 of 5: 15", "2–2 of 5: 15", "3–3 of 5: 15", "4–4 of 5: 15", "5–5 of 5: 14", "—: 2"]);
    expect(runs.flatMap(({ layers }) => layers.map(({ index }) => index))).toEqual(lstm(5).map((_, k) => k));
  });

  test("are the cards of the unfolded module, and each unfolds into its layers", () => {
    const outline = outlineOf(lstm(5));
    expect(cardsOf(outline).map(({ path }) => path)).toEqual(["cell"]);
    const cards = cardsOf(outline, "cell@0");
    expect(cards.map(told).slice(1, -1)).toEqual(["1–1 of 5: 15", "2–2 of 5: 15", "3–3 of 5: 15", "4–4 of 5: 15", "5–5 of 5: 14"]);
    expect(runTitle(t, cards[2]!.layers, cards[2]!.step)).toMatch(/^world\.step\{.*"from":2,.*"count":5/);
    const open = cardsOf(outline, "cell@0", cards[2]!.id);
    expect(open.filter(({ step }) => step).map(({ step }) => step!.from)).toEqual([1, 3, 4, 5]);
    expect(unfoldedGroups(outline, new Set(["cell@0", cards[2]!.id])).map(({ step }) => step?.from)).toEqual([undefined, 2]);
  });

  test("that are many are folded some together, and keep their numbers when those are unfolded", () => {
    const outline = outlineOf(lstm(20));
    const cards = cardsOf(outline, "cell@0").filter(({ step }) => step);
    expect(cards.map(({ step }) => `${step!.from}–${step!.to}`)).toEqual(["1–5", "6–10", "11–15", "16–20"]);
    expect(runTitle(t, cards[1]!.layers, cards[1]!.step)).toMatch(/^world\.steps\{/);
    const open = cardsOf(outline, "cell@0", cards[1]!.id).filter(({ step }) => step);
    expect(open.map(({ step }) => `${step!.from}–${step!.to} of ${step!.count}`)).toEqual(["1–5 of 20", ...[6, 7, 8, 9, 10].map((k) => `${k}–${k} of 20`), "11–15 of 20", "16–20 of 20"]);
  });

  test("of two LSTMs in one module say of which they are", () => {
    const first = lstm(4);
    const runs = stepsOf(layersOf([...first, ...lstm(4, first.length)]))!.filter(({ step }) => step);
    expect(runs.map(({ step }) => `${step!.round}/${step!.rounds}: ${step!.from}`)).toEqual(["1/2: 1", "1/2: 2", "1/2: 3", "1/2: 4", "2/2: 1", "2/2: 2", "2/2: 3", "2/2: 4"]);
    expect(runTitle(t, runs[5]!.layers, runs[5]!.step!)).toMatch(/^world\.step-of-round\{/);
  });

  test("are none where layers are of different modules, of none, or all alike", () => {
    const triple = (module: (k: number) => string | null): Made[] =>
      Array.from({ length: 30 }, (_, k) => ["conv2d", "batch_norm", "max_pool2d"].map((kind, j): Made => [kind, module(k), [3 * k + j - 1]])).flat();
    expect(stepsOf(layersOf(triple((k) => String(k))))).toBeNull();
    expect(stepsOf(layersOf(triple(() => null)))).toBeNull();
    expect(stepsOf(layersOf(Array.from({ length: 40 }, (_, k): Made => ["sigmoid", "cell", [k - 1]])))).toBeNull();
  });

  test.each<[string, (k: number) => string, string | null, number | null]>([
    ["alike, of one module", () => "tanh", "cell", null],
    ["alike, of none", () => "tanh", null, null],
    ["in no order", (k) => ["tanh", "relu", "add"][(k ^ (k >> 3) ^ (k >> 7)) % 3]!, null, null],
    ["of a step of four", (k) => ["dense", "add", "tanh", "mul"][k % 4]!, "cell", 8000],
  ])("of tens of thousands of layers take no minutes to find: %s", (_, kind, module, times) => {
    const layers = layersOf(Array.from({ length: 32_000 }, (__, k): Made => [kind(k), module, [k - 1]]));
    expect(stepsOf(layers)?.at(-1)?.step?.to ?? null).toBe(times);
  });
});
