import { describe, expect, test } from "vitest";

import { highlighted } from "./highlight";
import { cutAt, placesIn, type Numbers } from "./places";

const NETWORK: Numbers = {
  layers: [
    { weights: [[1, -2.5e-9], [0.1, 3e20]], biases: [1, 2] },
    { weights: [[1], [-0.5]], biases: [7] },
  ],
  inputs: [0.5, -3],
};

const NOTEBOOK = `features = torch.tensor([[0.5, -3.0]])
W1 = torch.tensor([
    [1.0, -2.5e-09],
    [0.1, 3e+20]
])
B1 = torch.tensor([[1.0, 2.0]])
W2 = torch.tensor([
    [1.0],
    [-0.5]
])
B2 = torch.tensor([[7.0]])

# layer 1 "W1 = torch.tensor([[8, 8], [8, 8]])": 2 -> 2
h = relu(torch.mm(features, W1) + B1)
`;
const MODULE = `model.load_state_dict({
    "0.weight": torch.tensor([
        [1.0, -2.5e-09],
        [0.1, 3e+20]
    ]).T,
    "0.bias": torch.tensor([1.0, 2.0]),
    "2.weight": torch.tensor([
        [1.0],
        [-0.5]
    ]).T,
    "2.bias": torch.tensor([7.0]),
})

features = torch.tensor([[0.5, -3.0]])
`;
const JSON_TEXT = `{
  "layers": [
    {
      "name": "weights",
      "weights": [
          [1.0, -2.5e-09],
          [0.1, 3e+20]
      ],
      "biases": [1.0, 2.0],
      "activation": "relu"
    },
    {
      "weights": [
          [1.0],
          [-0.5]
      ],
      "biases": [7.0],
      "activation": "gelu"
    }
  ],
  "inputs": [0.5, -3.0]
}
`;

describe("the numbers of a program", () => {
  test.each([
    ["layer by layer", NOTEBOOK],
    ["nn.Sequential", MODULE],
    ["NumPy", NOTEBOOK.replaceAll("torch.tensor(", "np.array(").replaceAll("])\n", "], dtype=np.float32)\n")],
    ["JSON", JSON_TEXT],
  ])("each is found once, with its own digits: %s", (_, source) => {
    const told = placesIn(source, NETWORK).map(({ start, end, of }) => [source.slice(start, end), of] as const);
    expect(told).toHaveLength(11);
    expect(told).toContainEqual(["-2.5e-09", { kind: "edge", layer: 1, from: 0, to: 1 }]);
    expect(told).toContainEqual(["3e+20", { kind: "edge", layer: 1, from: 1, to: 1 }]);
    expect(told).toContainEqual(["-0.5", { kind: "edge", layer: 2, from: 1, to: 0 }]);
    expect(told).toContainEqual(["2.0", { kind: "bias", layer: 1, neuron: 1 }]);
    expect(told).toContainEqual(["7.0", { kind: "bias", layer: 2, neuron: 0 }]);
    expect(told).toContainEqual(["-3.0", { kind: "neuron", layer: 0, neuron: 1 }]);
  });

  test("a tensor that is another than the network's is left alone", () => {
    const places = placesIn(NOTEBOOK.replace("0.1", "0.2").replace("[[7.0]]", "[[7.0, 7.0]]"), NETWORK);
    expect(places.map(({ of }) => of.layer)).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test("where the program draws the numbers, the tensor's name stands for all of them", () => {
    const source = "torch.manual_seed(7)\nfeatures = torch.randn((1, 2))\nW1 = torch.randn((2, 2))\nB1 = torch.randn((1, 2))\n";
    const told = placesIn(source, NETWORK).map(({ start, end, of }) => [source.slice(start, end), of]);
    expect(told).toEqual([
      ["features", { kind: "neuron", layer: 0 }],
      ["W1", { kind: "edge", layer: 1 }],
      ["B1", { kind: "bias", layer: 1 }],
    ]);
  });

  test("the pieces are the source, to the letter", () => {
    for (const [source, language] of [[NOTEBOOK, "pytorch"], [MODULE, "pytorch"], [JSON_TEXT, "json"]] as const) {
      const pieces = cutAt(highlighted(source, language), placesIn(source, NETWORK));
      expect(pieces.map(({ text }) => text).join("")).toBe(source);
      expect(pieces.filter(({ of }) => of !== null)).toHaveLength(11);
    }
  });
});
