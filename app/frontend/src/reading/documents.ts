/** Rows as JSON has them: [[1, 2]], {"inputs": [[1, 2]]}, [{"x1": 1, "x2": 2}]. As app/typed/documents.py. */

import { LARGEST_FLOAT32, listed, shown, Unread, type Note } from "./words";

/** The rows, what is to be told, and whether it is one vector without a batch. Throws Unread. */
export function readDocument(text: string, names: readonly string[]): { rows: number[][]; notes: Note[]; flat: boolean } {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Unread("not-json");
  }
  if (isRecord(found)) found = "inputs" in found ? found["inputs"] : [found];
  if (!Array.isArray(found) || found.length === 0) throw new Unread("empty");
  const flat = found.every((each) => typeof each === "number");
  const left = new Set<string>();
  const rows = (flat ? [found] : (found as unknown[])).map((each, index) => {
    if (isRecord(each)) for (const name of Object.keys(each)) if (!names.includes(name)) left.add(name);
    const values: unknown[] = isRecord(each) ? names.map((name) => each[name] ?? null) : Array.isArray(each) ? each : [each];
    return values.map((value, k) => numberOf(value, index + 1, k + 1));
  });
  const notes = left.size > 0 ? [{ code: "columns-left", values: { names: listed([...left]) } }] : [];
  return { rows, notes, flat };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function numberOf(value: unknown, line: number, column: number): number {
  if (typeof value !== "number") {
    const text = Array.isArray(value) ? "[…]" : isRecord(value) ? "{…}" : JSON.stringify(value);
    throw new Unread(value === null ? "missing" : "not-a-number", { line, column, text: shown(text) });
  }
  if (Math.abs(value) > LARGEST_FLOAT32) {
    throw new Unread("too-large", { line, text: Number.isFinite(value) ? String(value) : "∞" });
  }
  return value;
}
