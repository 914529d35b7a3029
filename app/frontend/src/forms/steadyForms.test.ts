import { SvelteMap } from "svelte/reactivity";
import { expect, test } from "vitest";

import type { LayerOutline, Outline } from "../world/types";
import { Forms } from "./forms.svelte";
import type { Given } from "./given";
import { fixture } from "./testing";

/** A sum that the page watches, as the server told it in one frame after the other. */
function watched(): { given: Given; frame: () => void } {
  const { explained, numbers } = fixture("sum-of-products");
  const [told] = explained.cells;
  const own = { ...told!, name: "why.0" };
  const activations = { name: own.tensor, shape: own.at.map((place) => place + 1), dtype: "float32" };
  const layer = { index: 0, kind: "dense", name: "", activation: "identity", takes: ["inputs"], options: {}, parameters: [], preActivations: null, activations } as unknown as LayerOutline;
  const outline: Outline = { id: "x", inputs: [], layers: [layer], outputs: [own.tensor], parameters: 0, dtype: "float32" };
  const arrays = new SvelteMap<string, Float32Array>();
  const frame = (): void => {
    for (const [name, values] of Object.entries(numbers)) arrays.set(name.replace(`.${told!.name}.`, ".why.0."), Float32Array.from(values as number[]));
  };
  frame();
  const given = { outline, arrays, selected: { tensor: own.tensor, at: own.at }, rowsOf: () => Infinity, told: (name: string) => (name === "why.0" ? own : undefined) };
  return { given: given as unknown as Given, frame };
}

test("what is shown is the same object for as long as the same is told: nothing of it is drawn anew", () => {
  const { given, frame } = watched();
  const forms = new Forms(given);
  const shown = forms.shown;
  expect(shown?.steps).toHaveLength(1);
  frame();
  expect(forms.shown).toBe(shown);
});
