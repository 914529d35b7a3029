import type { LayerOutline } from "../world/types";
import type { Layout } from "./decode";
import { subtractsMean } from "./growing";

/** What a form computes in letters, whatever its numbers are, written as formula.ts reads it. Sums and functions have their own. Pure. */

export interface Letters {
  /** What stands on the left, and what it is: the number itself first, then what that is made of. */
  readonly lines: readonly (readonly [string, string])[];
  /** What the letters are, where they do not say it. */
  readonly note: { readonly key: string; readonly values: Readonly<Record<string, number>> } | null;
  /** Letters that stand for tensors: "a" and "b" of a product. */
  readonly tensors: Readonly<Record<string, string>>;
}

type Layer = Pick<LayerOutline, "kind" | "options">;

const letters = (lines: Letters["lines"], note: Letters["note"] = null, tensors: Letters["tensors"] = {}): Letters => ({ lines, note, tensors });

/** null where there are none. */
export function lettersOf(layout: Layout, constants: Readonly<Record<string, number>>, { kind, options }: Layer): Letters | null {
  switch (layout.form) {
    case "product":
      return ofProduct(layout, constants);
    case "normalisation":
      return ofNormalisation(layout, kind, options);
    case "softmax":
      return ofSoftmax(kind);
    case "choice":
      return ofChoice(layout, kind, options);
    case "move":
      return ofMove(layout, constants);
    default:
      return null;
  }
}

/** A number of the network's own, with the digits that matter. */
function number(value: unknown): string {
  const given = Number(typeof value === "string" ? value.replace(/inf$/i, "Infinity") : value);
  return Number.isFinite(given) ? String(Number(given.toPrecision(6))) : String(given).replace("Infinity", "∞");
}

function ofProduct({ groups, count }: Layout, { factor, divisor }: Readonly<Record<string, number>>): Letters | null {
  const [first, second] = groups;
  if (!first) return null;
  const tensors = { a: first.places.tensor, b: second?.places.tensor ?? "" };
  if (second) return letters([["y", second.role === "divisor" ? "a / b" : "a · b"]], null, tensors);
  if (divisor !== undefined) return letters([["y", divisor < 0 ? `a / (${number(divisor)})` : `a / ${number(divisor)}`]], null, tensors);
  if (factor !== undefined) return letters([["y", `${number(factor)} · a`]], null, tensors);
  return letters([["y", `∏_(i = 1)^${count} a_i`]], null, tensors);
}

function ofNormalisation(layout: Layout, kind: string, options: LayerOutline["options"]): Letters {
  const count = layout.group("over")?.count ?? 0;
  const mean = (of: string): string => `1 / ${count} · ∑_(j = 1)^${count} ${of}`;
  const scaled = `${layout.group("scale") ? " · γ" : ""}${layout.group("shift") ? " + β" : ""}`;
  const note = over(kind, count, options);
  if (!subtractsMean(kind)) return letters([["y", `x / √(${mean("x_j²")} + ε)${scaled}`]], note);
  const value = ["y", `(x - μ) / √(σ² + ε)${scaled}`] as const;
  return letters(count === 0 ? [value] : [value, ["μ", mean("x_j")], ["σ²", mean("(x_j - μ)²")]], note);
}

/** Which numbers the mean and the spread are of. */
function over(kind: string, count: number, { normalized_shape: shape }: LayerOutline["options"]): Letters["note"] {
  if (kind === "batch_norm") return { key: "forms.letters-kept", values: {} };
  if (kind === "group_norm") return { key: "forms.letters-group", values: { count } };
  if (kind === "instance_norm") return { key: "forms.letters-channel", values: { count } };
  const dims = Array.isArray(shape) ? shape.length : 1;
  return dims === 1 ? { key: "forms.letters-row", values: { count } } : { key: "forms.letters-last", values: { count, dims } };
}

/** The largest score is taken off each first, as torch does, so that no power is too large. */
function ofSoftmax(kind: string): Letters {
  const note = { key: "forms.letters-largest", values: {} };
  if (kind === "log_softmax") return letters([["ln(p_i)", "s_i - m - ln ∑_j exp(s_j - m)"]], note);
  const share = "exp(s_i - m) / ∑_j exp(s_j - m)";
  return letters([["p_i", kind === "safe_softmax" ? `${share} if m > -∞ else 0` : share]], note);
}

function ofChoice(layout: Layout, kind: string, options: LayerOutline["options"]): Letters {
  if (kind === "where") {
    const [first, second] = [options["scalar"], options["other_scalar"]].map((given) => (given === null || given === undefined ? null : number(given)));
    return letters([["y", `${first ?? "a"} if c else ${second ?? (first === null ? "b" : "a")}`]]);
  }
  if (kind === "masked_fill") return letters([["y", `${number(options["value"])} if c else x`]]);
  const { count } = layout;
  const few = (from: number, of: (k: number | string) => string, sign: string): string =>
    [from, ...(count > 3 ? ["…"] : count > 2 ? [from + 1] : []), ...(count > 1 ? [from + count - 1] : [])].map((k) => (k === "…" ? k : of(k))).join(sign);
  if (kind === "argsort" || kind === "argtopk") {
    const falls = kind === "argsort" ? options["descending"] === true : options["largest"] !== false;
    const place = layout.cell.at.at(Number(options["dim"] ?? -1)) ?? 0;
    return letters([["y", `π_${place}`], [few(0, (k) => `x_(π_${k})`, falls ? " ≥ " : " ≤ "), ""]]);
  }
  if (kind.endsWith("_indices")) return letters([["y", "argmax_i x_i"]], { key: "forms.letters-place", values: {} });
  const from = kind.startsWith("arg") ? 0 : 1;
  const chosen = kind.startsWith("arg") ? (kind === "argmin" ? "argmin" : "argmax") : /min/.test(kind) ? "min" : "max";
  return letters([["y", `${chosen}(${few(from, (k) => `x_${k}`, ", ")})`]]);
}

/** Indices count from 1, as everywhere on the page. */
function ofMove(layout: Layout, constants: Readonly<Record<string, number>>): Letters {
  const at = (letter: string, places: readonly number[]): string => (places.length === 0 ? letter : `${letter}_(${places.map((place) => place + 1).join(", ")})`);
  const source = layout.groups.find(({ role }) => role !== "index");
  return letters([[at("y", layout.cell.at), source ? at("x", source.places.at(0)) : number(constants["fill"])]]);
}
