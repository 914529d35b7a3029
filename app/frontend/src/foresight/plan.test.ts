import { describe, expect, test } from "vitest";

import { planeSteps, responseWatches, trackName, trackWatches, type Track } from "./plan";

const tracks: Track[] = [
  { part: { kind: "neuron", layer: 0, neuron: 2 }, range: [-3, 3] },
  { part: { kind: "edge", layer: 1, from: 2, to: 0 }, range: [-4, 4] },
  { part: { kind: "bias", layer: 2, neuron: 0 }, range: [-4, 4] },
];

test("a sweep for each track, by its own name", () => {
  expect(trackWatches(tracks, [3, 2, 1])).toEqual([
    { kind: "sweep", as: "i2", vary: { input: 2 }, from: -3, to: 3, steps: 49 },
    { kind: "sweep", as: "w0.2.0", vary: { layer: 0, weight: [2, 0] }, from: -4, to: 4, steps: 49 },
    { kind: "sweep", as: "b1.0", vary: { layer: 1, bias: 0 }, from: -4, to: 4, steps: 49 },
  ]);
  expect(tracks.map(({ part }) => trackName(part))).toEqual(["i2", "w0.2.0", "b1.0"]);
});

test("a large network has coarser tracks, a very large one none", () => {
  expect(trackWatches(tracks, [500, 300, 10])[0]).toMatchObject({ steps: 17 });
  expect(trackWatches(tracks, [5000, 3000, 10])).toEqual([]);
});

describe("responses", () => {
  const plane = { name: "p1", ranges: [[-1, 1] as const, [0, 2] as const] };
  test("over two inputs", () =>
    expect(responseWatches(plane, [2, 4, 1])).toEqual([
      { kind: "grid", as: "p1", x: { input: 0, from: -1, to: 1 }, y: { input: 1, from: 0, to: 2 }, steps: 48 },
    ]));
  test("along one", () =>
    expect(responseWatches(plane, [1, 4, 1])).toMatchObject([{ kind: "sweep", vary: { input: 0 }, layers: true }]));
  test("not over three", () => expect(responseWatches(plane, [3, 4, 1])).toEqual([]));
  test("finer while nothing moves, within the same frame", () => {
    expect(planeSteps([2, 2, 1], true)).toBe(160);
    expect(planeSteps([2, 2, 1])).toBe(48);
    const large = [2, 32, 32, 32, 32, 32, 1];
    expect(planeSteps(large, true)).toBe(planeSteps(large));
  });
  test("within what a frame carries", () => {
    expect(planeSteps([2, 32, 32, 32, 32, 32, 1])).toBeLessThan(24);
    expect(planeSteps([2, 5000, 5000, 1])).toBe(0);
  });
});
