/**
 * A learner's program as steps for POST /api/v1/tensors. It is read here and never run: what is written as a call
 * becomes a step with that name, and whether there is such an operation is the server's to say.
 */

import { Written, type Argument, type Step } from "./protocol";
import { tokens, type Token } from "./tokens";

/** A line of a program: its text, its number in the whole text, and how many steps are done once it is. */
export interface Line {
  text: string;
  number: number;
  steps: number;
}

/** `parts` are the names of results within a line, which are not the learner's and are not drawn. */
export interface Program {
  lines: Line[];
  steps: Step[];
  parts: ReadonlySet<string>;
}

/** What can't be read: a line that is no call (`about` is what stands in the way), or a name that nothing has yet. */
export class Unreadable extends Error {
  constructor(
    readonly why: "line" | "name",
    readonly line: number,
    readonly about: string,
  ) {
    super(`${why} ${line}: ${about}`);
  }
}

const MODULES = new Set(["torch", "np", "numpy"]);
const OPERATORS: Record<string, string> = { "+": "add", "*": "mul", "@": "matmul", "+=": "add_", "*=": "mul_" };
const CONSTANTS: Record<string, Argument> = { True: true, False: false };
/** Python's own words: what they begin is no call. */
const RESERVED = new Set("and as assert class def del elif else for if in is lambda not or return while with".split(" "));
const LOOKS = new Set(["shape", "dtype"]);

export function readProgram(text: string): Program {
  return new Reader(text).program();
}

class Reader {
  private readonly words: Token[];
  private place = 0;
  private readonly lines: Line[] = [];
  private readonly steps: Step[] = [];
  private readonly names = new Set<string>();
  private readonly parts = new Set<string>();
  private readonly taken: ReadonlySet<string>;

  constructor(private readonly text: string) {
    this.words = tokens(text);
    this.taken = new Set(this.words.filter(({ kind }) => kind === "name").map((word) => word.text));
  }

  program(): Program {
    while (this.place < this.words.length) {
      const first = this.next;
      if (first.kind !== "end") {
        this.statement(first);
        if (this.next.kind !== "end") throw this.stuck();
        const last = this.words[this.place - 1]!;
        const text = this.text.slice(first.at, last.at + last.text.length);
        this.lines.push({ text, number: first.line, steps: this.steps.length });
      }
      this.place += 1;
    }
    return { lines: this.lines, steps: this.steps, parts: this.parts };
  }

  private statement(first: Token): void {
    if (first.text === "import" || first.text === "from") {
      while (this.next.kind !== "end") this.place += 1;
      return;
    }
    const sign = this.words[this.place + 1]?.text ?? "";
    if (first.kind === "name" && sign === "=") return this.assignment(first);
    if (first.kind === "name" && (sign === "+=" || sign === "*=")) {
      this.place += 2;
      const target = this.known(first);
      this.step(OPERATORS[sign]!, [target, this.sum()]);
      delete this.steps.at(-1)!.as;
      return;
    }
    const printed = first.text === "print" && sign === "(";
    if (printed) {
      this.place += 2;
      for (const _ of this.listed(")")) this.named(`line${first.line}`);
    } else this.named(`line${first.line}`);
  }

  private assignment({ text: name }: Token): void {
    this.place += 2;
    const before = this.steps.length;
    const start = this.next;
    this.sum();
    if (this.next.kind !== "end") throw this.stuck();
    const made = this.steps.at(-1);
    // A second name for a tensor, or a name for a plain number, is nothing that the server does.
    if (this.steps.length === before || made?.op === "manual_seed") throw new Unreadable("line", start.line, start.text);
    this.rename(made!, name);
    this.names.add(name);
  }

  /** An expression that stands alone: what it makes is drawn under a name that says where it comes from. */
  private named(name: string): void {
    const before = this.steps.length;
    this.sum();
    const made = this.steps.at(-1);
    if (this.steps.length === before || !made?.as) return;
    if (made.op.endsWith("_")) {
      this.parts.delete(made.as);
      delete made.as;
    } else this.rename(made, this.free(name));
  }

  private rename(step: Step, name: string): void {
    if (step.as) this.parts.delete(step.as);
    step.as = name;
  }

  private sum(): Argument {
    return this.chain(["+"], () => this.chain(["*", "@"], () => this.signed()));
  }

  private chain(signs: string[], operand: () => Argument): Argument {
    let left = operand();
    while (this.next.kind === "sign" && signs.includes(this.next.text)) {
      const sign = this.take().text;
      left = this.step(OPERATORS[sign]!, [left, operand()]);
    }
    return left;
  }

  private signed(): Argument {
    if (!this.sees("-")) return this.reached();
    this.place += 1;
    if (this.next.kind !== "number") throw this.stuck();
    return new Written(`-${jsonNumber(this.take().text)}`);
  }

  /** What a value leads to: x, x.T, x.view(2, 3).sum(). */
  private reached(): Argument {
    let value = this.primary();
    while (this.sees(".")) {
      this.place += 1;
      const name = this.word();
      if (this.sees("(")) value = this.call(name, [value]);
      else if (name === "T") value = this.step(name, [value]);
      else if (!LOOKS.has(name)) throw this.stuck(-1);
    }
    return value;
  }

  private primary(): Argument {
    const word = this.next;
    if (word.kind === "number") return new Written(jsonNumber(this.take().text));
    if (this.sees("[") || this.sees("(")) return this.listing();
    if (word.kind !== "name" || RESERVED.has(word.text)) throw this.stuck();
    this.place += 1;
    if (Object.hasOwn(CONSTANTS, word.text)) return CONSTANTS[word.text]!;
    if (!MODULES.has(word.text) || this.names.has(word.text) || !this.sees(".")) return this.known(word);
    this.place += 1;
    const name = this.word();
    return this.sees("(") ? this.call(name, []) : name;
  }

  private listing(): Argument {
    const closing = this.take().text === "[" ? "]" : ")";
    const items: Argument[] = [];
    let commas = 0;
    for (const comma of this.listed(closing)) {
      items.push(this.sum());
      commas += Number(comma());
    }
    // Brackets around one value only hold it together.
    return closing === ")" && items.length === 1 && commas === 0 ? items[0]! : items;
  }

  private call(name: string, before: Argument[]): Argument {
    const open = this.take();
    const args = [...before];
    const keywords: Record<string, Argument> = {};
    for (const _ of this.listed(")")) {
      if (this.next.kind === "name" && this.words[this.place + 1]?.text === "=") {
        const keyword = this.take().text;
        this.place += 1;
        keywords[keyword] = this.sum();
      } else args.push(this.sum());
    }
    return this.step(name, args, keywords, open.line);
  }

  /** Goes through what is listed up to a closing bracket; each item is read by whoever asks. */
  private *listed(closing: string): Generator<() => boolean> {
    while (!this.sees(closing)) {
      yield () => this.sees(",");
      if (this.sees(",")) this.place += 1;
      else if (!this.sees(closing)) throw this.stuck();
    }
    this.place += 1;
  }

  private step(op: string, args: Argument[], kwargs: Record<string, Argument> = {}, line = this.next.line): Argument {
    const step: Step = { op, args, line };
    if (Object.keys(kwargs).length > 0) step.kwargs = kwargs;
    this.steps.push(step);
    if (op === "manual_seed") return [];
    step.as = this.free(`part${this.steps.length}`);
    this.parts.add(step.as);
    return `$${step.as}`;
  }

  private free(name: string): string {
    while (this.taken.has(name)) name += "x";
    return name;
  }

  private known(word: Token): Argument {
    if (!this.names.has(word.text)) throw new Unreadable("name", word.line, word.text);
    return `$${word.text}`;
  }

  private word(): string {
    if (this.next.kind !== "name") throw this.stuck();
    return this.take().text;
  }

  private sees(text: string): boolean {
    return this.next.text === text;
  }

  private get next(): Token {
    return this.words[this.place] ?? this.words.at(-1)!;
  }

  private take(): Token {
    const word = this.next;
    this.place += 1;
    return word;
  }

  private stuck(offset = 0): Unreadable {
    const word = this.words[this.place + offset] ?? this.next;
    const start = this.text.lastIndexOf("\n", word.at - 1) + 1;
    const about = word.kind === "end" ? this.text.slice(start, word.at).trim() : word.text;
    return new Unreadable("line", word.line, about);
  }
}

/** JSON wants a digit on each side of the point; the point itself stays, because it makes a float. */
function jsonNumber(text: string): string {
  const plain = text.replaceAll("_", "").replace(/^\./, "0.").replace(/\.(?=$|[eE])/, ".0");
  return plain.replace(/^0+(?=\d)/, "");
}
