import { describe, expect, test } from "vitest";

import { setActivation, setBias, setInput, setWeight } from "./edits";
import { begun, canRedo, canUndo, current, movedTo, origin, recorded } from "./history";
import { rename } from "./naming";
import { addInput, addLayer, addNeuron, moveLayer, removeInput, removeLayer, removeNeuron } from "./structure";
import { generator } from "./testing";
import type { Message, StudioState } from "./types";

const step = (after: number, before: number): Message => ({ key: "step", values: { after, before } });

describe("history", () => {
  test("what is pinned stays pinned in the steps after, and no longer before", () => {
    let history = begun("a", step(0, 0));
    history = recorded(history, "a", step(0, 0), { pinned: "a" });
    history = recorded(history, "b", step(1, 0));
    expect(history.entries.map(({ pinned }) => pinned ?? null)).toEqual([null, "a", "a"]);
    history = recorded(history, "b", step(1, 1), { pinned: null });
    expect(history.entries.at(-1)!.pinned ?? null).toBeNull();
  });

  test("a gesture is one entry that says where it began", () => {
    let history = begun(0, step(0, 0));
    for (const value of [1, 2, 3]) history = recorded(history, value, step(value, value - 1), { gesture: "drag 1" });
    history = recorded(history, 4, step(4, 3), { gesture: "drag 2" });
    expect(history.entries.map(({ state }) => state)).toEqual([0, 3, 4]);
    expect(history.entries[1]!.label.values).toEqual({ after: 3, before: 0 });
  });
  test("a gesture that comes back to where it began is no step", () => {
    let history = begun(0, step(0, 0));
    history = recorded(history, 1, step(1, 0), { gesture: "drag 1" });
    history = recorded(history, 0, step(0, 1), { gesture: "drag 1" });
    expect(history.entries).toHaveLength(1);
    history = recorded(history, 2, step(2, 0), { gesture: "drag 1" });
    expect(history.entries[1]!.label.values).toEqual({ after: 2, before: 0 });
  });
  test("resets lead back to what was opened last, by undoing to what was opened before", () => {
    let history = begun("preset", step(0, 0));
    history = recorded(history, "edited", step(1, 0));
    history = recorded(history, "link", step(0, 0), { opened: true });
    history = recorded(history, "edited link", step(1, 0));
    expect(origin(history).state).toBe("link");
    expect(origin(movedTo(history, 1)).state).toBe("preset");
  });
  test("a step after undo lets go of what was undone", () => {
    let history = begun("a", step(0, 0));
    history = recorded(history, "b", step(1, 0));
    history = recorded(movedTo(history, 0), "c", step(1, 0));
    expect(history.entries.map(({ state }) => state)).toEqual(["a", "c"]);
    expect([canUndo(history), canRedo(history)]).toEqual([true, false]);
    expect([canUndo(movedTo(history, 0)), canRedo(movedTo(history, 0))]).toEqual([false, true]);
    expect(movedTo(history, 7).at).toBe(1);
  });
  test("it does not grow for ever", () => {
    let history = begun(-1, step(0, 0));
    for (let k = 0; k < 1500; k++) history = recorded(history, k, step(k, k));
    expect(history.entries).toHaveLength(1000);
    expect(current(history).state).toBe(1499);
  });
});

const start: StudioState = {
  preset: "multilayer",
  inputs: [1, 2, 3],
  inputNames: ["x1", "x2", "x3"],
  inputRanges: [[-3, 3], [-3, 3], [-3, 3]],
  outputNames: ["y"],
  layers: [
    { name: "hidden", activation: "sigmoid", weights: [[1, 2], [3, 4], [5, 6]], biases: [1, 2] },
    { name: "output", activation: "sigmoid", weights: [[7], [8]], biases: [9] },
  ],
  seed: 7,
};

/** Any one edit that this state allows. */
function anyEdit(state: StudioState, random: () => number): StudioState {
  const below = (count: number): number => Math.floor(random() * count);
  const value = () => (random() - 0.5) * 8;
  const k = below(state.layers.length);
  const layer = state.layers[k]!;
  const [i, j] = [below(layer.weights.length), below(layer.biases.length)];
  const edits: (() => StudioState)[] = [
    () => setInput(state, below(state.inputs.length), value()),
    () => setWeight(state, k, i, j, value()),
    () => setBias(state, k, j, value()),
    () => setActivation(state, k, random() < 0.5 ? "tanh" : "relu"),
    () => rename(state, k, k === 0 ? below(state.inputs.length) : below(state.layers[k - 1]!.biases.length), `n${below(99)}`),
    () => addNeuron(state, k, value),
    () => addInput(state, value),
  ];
  if (layer.biases.length > 1) edits.push(() => removeNeuron(state, k, j));
  if (state.inputs.length > 1) edits.push(() => removeInput(state, below(state.inputs.length)));
  if (state.layers.length < 6) edits.push(() => addLayer(state, below(state.layers.length + 1), random() < 0.5 ? "identity" : value));
  if (state.layers.length > 1) edits.push(() => removeLayer(state, k, value));
  if (k + 1 < state.layers.length) edits.push(() => moveLayer(state, k, value));
  return edits[below(edits.length)]!();
}

test.each([1, 2, 3, 4, 5])("200 random edits, undone and redone, give identical states (seed %d)", (seed) => {
  const random = generator(seed);
  let history = begun(start, step(0, 0));
  const texts = [JSON.stringify(start)];
  for (let n = 0; n < 200; n++) {
    const next = anyEdit(current(history).state, random);
    texts.push(JSON.stringify(next));
    history = recorded(history, next, step(n, n));
  }
  for (let n = 200; n >= 0; n--) {
    expect(JSON.stringify(current(history).state)).toBe(texts[n]);
    history = movedTo(history, history.at - 1);
  }
  for (let n = 0; n <= 200; n++) {
    history = movedTo(history, n);
    expect(JSON.stringify(current(history).state)).toBe(texts[n]);
  }
});
