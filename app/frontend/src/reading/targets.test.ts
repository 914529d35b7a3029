import { expect, test } from "vitest";

import { readWithTargets } from "./targets";
import { Unread } from "./words";

const RULE = { mark: "." };
const NAMES = ["x1", "x2"];
const WAYS = [["t1"], ["t1", "t2", "t3"]];
const read = (text: string): unknown => {
  const found = readWithTargets(text, NAMES, WAYS, RULE, { rows: 3 });
  return found instanceof Unread ? found.code : [found.rows, found.targets, found.beside?.values ?? null];
};

test("what stands after the inputs is what is right, where it is as many numbers as may be", () => {
  expect(read("1,2\n3,4")).toEqual([[[1, 2], [3, 4]], null, null]);
  expect(read("1,2,5\n3,4,6")).toEqual([[[1, 2], [3, 4]], [[5], [6]], null]);
  expect(read("1;2;5;6;7")).toEqual([[[1, 2]], [[5, 6, 7]], null]);
  expect(read("[[1, 2, 5], [3, 4, 6]]")).toEqual([[[1, 2], [3, 4]], [[5], [6]], null]);
  // Under a heading it keeps its name, and words are words.
  expect(read("x1,x2,y\n1,2,5\n3,4,6")).toEqual([[[1, 2], [3, 4]], null, ["5", "6"]]);
  expect(read("1,2,setosa\n3,4,virginica")).toEqual([[[1, 2], [3, 4]], null, ["setosa", "virginica"]]);
});

test("a column beside the inputs keeps its numbers in JSON, too", () => {
  const found = readWithTargets('[{"x1": 1, "y": 1.125, "x2": 2}, {"x1": 3, "y": 1, "x2": 4}]', NAMES, WAYS, RULE, { rows: 3 });
  expect(found).toMatchObject({ rows: [[1, 2], [3, 4]], beside: { column: 2, name: "y", numbers: [1.125, 1] } });
  expect(read('{"x1": [1, 3], "x2": [2, 4], "kind": ["setosa", "virginica"]}')).toEqual([[[1, 2], [3, 4]], null, ["setosa", "virginica"]]);
});

test("what fits in no way is refused as it is of the inputs alone", () => {
  expect(read("1,2,3,4")).toBe("width");
  expect(read("1,2,3\n1,2")).toBe("width");
  // In the right shape something else may be wrong.
  expect(read("1,2,nan\n1,2,3")).toBe("not-a-number");
  expect(read("1,2,1\n1,2,1\n1,2,1\n1,2,1")).toBe("too-long");
});

test("a long text is read with as many targets as its rows have", () => {
  const rows = Array.from({ length: 3 }, (_, k) => `${k},2,5,6,${"7".padEnd(20_000)}`).join("\n");
  expect(read(rows)).toEqual([[[0, 2], [1, 2], [2, 2]], [[5, 6, 7], [5, 6, 7], [5, 6, 7]], null]);
});

test("of too many rows the count is told without reading them all, and the first ones may be taken", () => {
  const most = { rows: 3 };
  const text = `x1,x2,y\n${Array.from({ length: 20_000 }, (_, k) => `${k},2,${k % 7}`).join("\n")}`;
  const refused = readWithTargets(text, NAMES, WAYS, RULE, most);
  expect(refused).toMatchObject({ code: "too-long", values: { count: 20_000, most: 3 } });
  const found = readWithTargets(text, NAMES, WAYS, RULE, { ...most, first: true });
  expect(found).toMatchObject({ rows: [[0, 2], [1, 2], [2, 2]], beside: { values: ["0", "1", "2"] } });
  expect((found as { notes: { code: string }[] }).notes.map(({ code }) => code)).toEqual(["headings", "columns-left", "rows-first"]);
  expect(readWithTargets("[[1, 2, 0], [1, 2, 0], [1, 2, 0], [1, 2, 0]]", NAMES, WAYS, RULE, { ...most, first: true })).toMatchObject({ targets: [[0], [0], [0]] });
});
