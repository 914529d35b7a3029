import { expect, test } from "vitest";

import { translator } from "./messages";

const t = translator({
  rows: "{count} {count:row|rows}",
  filas: "{got} {got:celda|celdas} bajo {columns} {columns:encabezado|encabezados}",
  plain: "a {b} c",
});

test("one row and two rows", () => {
  expect([t("rows", { count: 1 }), t("rows", { count: 2 }), t("rows", { count: 0 }), t("rows", { count: "1" })]).toEqual(["1 row", "2 rows", "0 rows", "1 row"]);
  expect(t("filas", { got: 1, columns: 3 })).toBe("1 celda bajo 3 encabezados");
});

test("a place without a value, and a key that is not there, show themselves", () => {
  expect([t("plain"), t("plain", { b: 7 }), t("none")]).toEqual(["a {b} c", "a 7 c", "none"]);
});
