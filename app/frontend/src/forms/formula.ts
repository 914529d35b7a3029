/**
 * What a function computes, as the server writes it ("x if x > 0 else 0.01 · x"), and what other forms do, as letters.ts writes it
 * ("1/8 · ∑_(j = 1)^8 x_j"), read into what MathML draws. Pure.
 */

export type Formula =
  | { readonly is: "number" | "name" | "word"; readonly text: string }
  | { readonly is: "sum" | "product"; readonly parts: readonly Formula[]; readonly signs: readonly string[] }
  | { readonly is: "fraction"; readonly above: Formula; readonly below: Formula }
  | { readonly is: "power"; readonly base: Formula; readonly raised: Formula }
  | { readonly is: "indexed"; readonly base: Formula; readonly places: readonly Formula[] }
  | { readonly is: "many"; readonly sign: string; readonly below: Formula; readonly above: Formula | null; readonly of: Formula }
  | { readonly is: "minus" | "not" | "root"; readonly of: Formula }
  | { readonly is: "fenced"; readonly left: string; readonly right: string; readonly of: readonly Formula[] }
  | { readonly is: "call"; readonly name: string; readonly of: Formula }
  | { readonly is: "cases"; readonly cases: readonly { readonly value: Formula; readonly where: Formula | null }[] };

/** A formula, and the key of what is said below it where its signs are no common ones. */
export interface Read {
  readonly formula: Formula;
  readonly note: string | null;
}

/** What is said in words where a sign says it too. */
const SIGNS: readonly (readonly [RegExp, string, note?: string])[] = [
  [/^x, no less than (.+) and no more than (.+)$/, "min(max($1, x), $2)"],
  [/^x, no less than (.+)$/, "max($1, x)"],
  [/^x, no more than (.+)$/, "min(x, $1)"],
  [/^the larger of x and y$/, "max(x, y)"],
  [/^the smaller of x and y$/, "min(x, y)"],
  [/^what x \/ (.+) leaves, with the sign of x$/, "x - trunc(x / $1) · $1"],
  [/^x mod (.+)$/, "x - ⌊x / $1⌋ · $1"],
  [/^x, without what follows the point$/, "sign(x) · ⌊|x|⌋"],
  [/^x, rounded .*$/, "⌊x⌉", "forms.formula-rounded"],
  [/^the angle of \(y, x\)$/, "atan2(x, y)", "forms.formula-angle"],
  [/^x · Φ\(x\), .*$/, "x · Φ(x)", "forms.formula-normal"],
  [/^x as (\w+)$/, "$1(x)"],
  [/^x or y, but not both$/, "x ⊕ y", "forms.formula-bits"],
  [/^x and y$/, "x ∧ y", "forms.formula-bits"],
  [/^x or y$/, "x ∨ y", "forms.formula-bits"],
  [/^not x$/, "¬x", "forms.formula-bits"],
  [/^1 if x and y else 0$/, "1 if x ≠ 0 ∧ y ≠ 0 else 0"],
  [/^1 if x or y else 0$/, "1 if x ≠ 0 ∨ y ≠ 0 else 0"],
  [/^1 if one of x and y, but not both, else 0$/, "1 if (x ≠ 0) ⊕ (y ≠ 0) else 0"],
  [/^1 if x is no number else 0$/, "1 if x = NaN else 0"],
  [/^1 if x is infinite else 0$/, "1 if |x| = ∞ else 0"],
  [/^1 if x is a finite number else 0$/, "1 if |x| < ∞ else 0"],
];

/** Whether it is higher than a line, and brackets around it grow. */
export function isTall(formula: Formula): boolean {
  switch (formula.is) {
    case "fraction":
    case "many":
    case "cases":
      return true;
    case "sum":
    case "product":
      return formula.parts.some(isTall);
    case "fenced":
      return formula.of.some(isTall);
    case "power":
    case "indexed":
      return isTall(formula.base);
    case "minus":
    case "not":
    case "root":
    case "call":
      return isTall(formula.of);
    default:
      return false;
  }
}

/** null where it is not written as those are that the page knows: then it is shown as it came. */
export function readFormula(text: string): Read | null {
  const [pattern, sign, note = null] = SIGNS.find(([known]) => known.test(text)) ?? [/^/, ""];
  try {
    return { formula: cased(sign === "" ? text : text.replace(pattern, sign)), note };
  } catch {
    return null;
  }
}

/** A if C, B if D, else E. */
function cased(text: string): Formula {
  const otherwise = /^(.*?),? else (.+)$/.exec(text);
  if (!otherwise) return new Reader(text).all();
  const cases = otherwise[1]!.split(/(?<= if [^,]*), /).map((one) => {
    const [value, where] = one.split(" if ");
    return { value: new Reader(value!).all(), where: new Reader(where!).all() };
  });
  return { is: "cases", cases: [...cases, { value: new Reader(otherwise[2]!).all(), where: null }] };
}

const TOKEN = /\s*(\d+(?:\.\d+)?(?:e[-+]?\d+)?|\p{L}[\p{L}\d]*|[^\s])/uy;
const FENCES: Readonly<Record<string, string>> = { "|": "|", "⌊": "⌋⌉", "⌈": "⌉" };
const RAISED: Readonly<Record<string, string>> = { "²": "2", "³": "3" };
const WORDS: ReadonlySet<string> = new Set(["NaN", "∞", "…"]);
const MANY: ReadonlySet<string> = new Set(["∑", "∏", "argmax"]);

class Reader {
  readonly #tokens: string[] = [];
  #next = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    for (let found = TOKEN.exec(text); found; found = TOKEN.exec(text)) this.#tokens.push(found[1]!);
  }

  all(): Formula {
    const found = this.#joined();
    if (this.#next < this.#tokens.length) throw new SyntaxError(this.#tokens[this.#next]);
    return found;
  }

  #takes(...wanted: string[]): string | null {
    const token = this.#tokens[this.#next];
    if (token === undefined || !wanted.includes(token)) return null;
    this.#next++;
    return token;
  }

  #row(is: "sum" | "product", signs: string[], part: () => Formula): Formula {
    const parts = [part()];
    const between: string[] = [];
    for (let sign = this.#takes(...signs); sign; sign = this.#takes(...signs)) {
      between.push(sign);
      parts.push(part());
    }
    return between.length === 0 ? parts[0]! : { is, parts, signs: between };
  }

  #joined = (): Formula => this.#row("sum", ["∧", "∨", "⊕"], this.#compared);
  #compared = (): Formula => this.#row("sum", ["=", "≠", "<", ">", "≤", "≥"], this.#sum);
  #sum = (): Formula => this.#row("sum", ["+", "-"], this.#product);

  /** 1 · x is x, and so is x / 1. */
  #product = (): Formula => {
    let found = this.#signed();
    for (let sign = this.#takes("·", "/"); sign; sign = this.#takes("·", "/")) {
      const signed = this.#signed();
      const other: Formula = signed.is === "minus" && sign === "·" ? { is: "fenced", left: "(", right: ")", of: [signed] } : signed;
      if (sign === "/") found = isOne(other) ? found : { is: "fraction", above: bare(found), below: bare(other) };
      else if (isOne(found)) found = other;
      else found = found.is === "product" ? { ...found, parts: [...found.parts, other], signs: [...found.signs, sign] } : { is: "product", parts: [found, other], signs: [sign] };
    }
    return found;
  };

  #signed = (): Formula => {
    if (this.#takes("-")) return { is: "minus", of: this.#signed() };
    if (this.#takes("¬")) return { is: "not", of: this.#signed() };
    return this.#power();
  };

  #power(): Formula {
    const base = this.#indexed(this.#single());
    if (this.#takes("^")) return { is: "power", base, raised: this.#signed() };
    const raised = this.#takes(...Object.keys(RAISED));
    return raised ? { is: "power", base, raised: { is: "number", text: RAISED[raised]! } } : base;
  }

  #indexed(base: Formula): Formula {
    return this.#takes("_") ? { is: "indexed", base, places: this.#places() } : base;
  }

  #places(): readonly Formula[] {
    return this.#takes("(") ? this.#held(")") : [this.#single()];
  }

  /** ∑_j x_j, ∑_(j = 1)^8 x_j: of the one that follows. */
  #many(sign: string): Formula {
    this.#takes("_");
    const below = this.#places()[0]!;
    const above = this.#takes("^") ? this.#single() : null;
    return { is: "many", sign, below, above, of: this.#power() };
  }

  #single(): Formula {
    if (this.#takes("√")) return { is: "root", of: bare(this.#power()) };
    const token = this.#tokens[this.#next++] ?? "";
    if (token === "(") return { is: "fenced", left: "(", right: ")", of: this.#held(")") };
    if (token in FENCES) return this.#fenced(token);
    if (MANY.has(token) && this.#tokens[this.#next] === "_") return this.#many(token);
    if (/^\d/.test(token)) return { is: "number", text: token };
    if (WORDS.has(token)) return { is: "word", text: token };
    if (!/^\p{L}/u.test(token)) throw new SyntaxError(token);
    if (MANY.has(this.#tokens[this.#next] ?? "")) return { is: "call", name: token, of: this.#power() };
    if (!this.#takes("(")) return { is: "name", text: token };
    const of = this.#held(")");
    if (token === "exp" && of.length === 1) return { is: "power", base: { is: "name", text: "e" }, raised: of[0]! };
    return { is: "call", name: token, of: { is: "fenced", left: "(", right: ")", of } };
  }

  #fenced(left: string): Formula {
    const of = [this.#joined()];
    const right = this.#takes(...FENCES[left]!);
    if (!right) throw new SyntaxError(left);
    return { is: "fenced", left, right, of };
  }

  /** What stands in brackets, between commas. */
  #held(right: string): Formula[] {
    const found = [this.#joined()];
    while (this.#takes(",")) found.push(this.#joined());
    if (!this.#takes(right)) throw new SyntaxError(right);
    return found;
  }
}

const isOne = (formula: Formula): boolean => formula.is === "number" && formula.text === "1";

/** Without brackets that a line of a fraction or a root makes needless. */
const bare = (formula: Formula): Formula => (formula.is === "fenced" && formula.left === "(" && formula.of.length === 1 ? formula.of[0]! : formula);
