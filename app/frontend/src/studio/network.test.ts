import { expect, test } from "vitest";

import { setInput } from "../model/edits";
import { begun } from "../model/history";
import type { StudioState } from "../model/types";
import { Network, openedPreset } from "./network.svelte";

const STATE: StudioState = {
  preset: "two",
  inputs: [0.5, -1],
  inputNames: ["x1", "x2"],
  inputRanges: [
    [-3, 3],
    [0, 1],
  ],
  outputNames: ["y"],
  layers: [{ name: "", activation: "tanh", weights: [[1], [2]], biases: [0] }],
  seed: 1,
};

const moved = (network: Network, value: number): void => {
  const state = setInput(network.state, 0, value);
  network.record(state, { key: "studio.did-point", values: {} }, { gesture: "i0" });
  network.stand(state);
};

test("a moved input is another list of inputs, and leaves all else the very same", () => {
  const network = new Network(begun(STATE, openedPreset("two")));
  const { layers, sizes, names, ranges, opening } = network;
  moved(network, 0.75);
  expect(network.inputs).toEqual([0.75, -1]);
  for (const [now, before] of [[network.layers, layers], [network.sizes, sizes], [network.names, names], [network.ranges, ranges], [network.opening, opening]]) {
    expect(now).toBe(before);
  }
  expect(network.preset).toBe("two");
});

test("a value outside an input's range widens its slider, and nothing else does", () => {
  const network = new Network(begun(STATE, openedPreset("two")));
  expect(network.ranges).toEqual([
    [-3, 3],
    [-1, 1],
  ]);
  moved(network, 5);
  expect(network.ranges[0]).toEqual([-3, 5]);
});

test("edited is what differs from the opening, whichever way through the history", () => {
  const network = new Network(begun(STATE, openedPreset("two")));
  expect([network.edited, network.pristinePreset]).toEqual([false, "two"]);
  moved(network, 1);
  expect([network.edited, network.pristinePreset]).toEqual([true, null]);
  network.stand(network.goTo(0));
  expect([network.edited, network.pristinePreset]).toEqual([false, "two"]);
});
