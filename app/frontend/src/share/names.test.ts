import { expect, test } from "vitest";

import { stemOf, type Named } from "./names";

const named = (key: string, values: object, preset: string | null): string =>
  stemOf({ opening: { label: { key, values } }, state: { preset } } as unknown as Named);

test("downloads are called as the file that was opened", () => {
  const opened = (name: string): string => named("studio.did-open-file", { name }, null);
  expect(opened("digits.onnx")).toBe("digits");
  expect(opened("mi red (ñandú).v2.safetensors")).toBe("mi-red-nandu-v2");
  expect(opened("../../etc/passwd")).toBe("passwd");
  expect(opened("红.json")).toBe("adelante");
  expect(opened("x".repeat(90))).toHaveLength(64);
});

test("or as the preset, or as the page", () => {
  expect(named("studio.did-open", { name: { preset: "xor" } }, "xor")).toBe("xor");
  expect(named("studio.did-draw", {}, null)).toBe("adelante");
});
