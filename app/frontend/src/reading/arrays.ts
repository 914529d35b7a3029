/**
 * Arrays as torch, NumPy and Python print them: tensor([[0.5, 1.2]]), array([1., 2.]), [[0.5 1.2]], [(1, 2), (3, 4)]. As
 * app/typed/arrays.py: a name is skipped, nothing is evaluated.
 */

import { notANumber, numberIn } from "./number";
import { LARGEST_FLOAT32, shown, Unread } from "./words";

/** What comes before an array in a notebook: a prompt, a parameter's line, a variable. */
const BEFORE =
  /^(?:>>>[ \t]*|Out\[[0-9]+\]:[ \t\n]*)?(?:Parameter containing:[ \t\n]*)?(?:[A-Za-z_][A-Za-z0-9_]*[ \t]*=[ \t]*)?/;
const BEGINS = /^(?:[[(]|(?:[A-Za-z_][A-Za-z0-9_]*\.)?(?:tensor|array|Tensor|FloatTensor|DoubleTensor|as_tensor|asarray|matrix)\()/;
const CALLED = /^(?:tensor|array|Tensor|FloatTensor|DoubleTensor|as_tensor|asarray|matrix|bfloat16|(?:float|u?int)(?:8|16|32|64))$/;
const TOKEN =
  /([ \t\n]+)|([[(])|([\])])|(,)|([A-Za-z_][A-Za-z0-9_]*[ \t]*=[ \t]*(?:<[^<>\n]*>|'[^'\n]*'|"[^"\n]*"|\([^()\n]*\)|[A-Za-z0-9_.]+))|([A-Za-z_][A-Za-z0-9_.]*)\(|([^ \t\n[\](),]+)/g;
const DEEPEST = 2;

type Value = number | number[] | number[][];

/** A list that is being read; `isCall`: the brackets of a call, which are no level of the array. */
interface List {
  closes: string;
  isCall: boolean;
  items: Value[];
  commas: number;
  afterComma: boolean;
}

const begun = (closes: string, isCall: boolean): List => ({ closes, isCall, items: [], commas: 0, afterComma: false });

const withoutBefore = (text: string): string => text.slice(BEFORE.exec(text)?.[0].length ?? 0);

/** Whether a text begins as a printed array does. */
export const looksLikeArrays = (text: string): boolean => BEGINS.test(withoutBefore(text.slice(0, 500)));

/** The vectors of one array or of several, one after another; `flat`: one vector without a batch. Throws Unread. */
export function readArrays(text: string): { rows: number[][]; flat: boolean } {
  const stack = [begun("", true)];
  let depth = 0;
  let vectors = 0;
  for (const [whole, , open, close, comma, setting, call, atom] of withoutBefore(text).matchAll(TOKEN)) {
    const inner = stack.at(-1)!;
    if (open) {
      if (++depth > DEEPEST) throw new Unread("too-deep");
      stack.push(begun(open === "[" ? "]" : ")", false));
    } else if (call) {
      if (!CALLED.test(call.slice(call.lastIndexOf(".") + 1))) throw new Unread("brackets", { text: shown(whole) });
      stack.push(begun(")", true));
    } else if (close) {
      if (inner.closes !== close) throw new Unread("brackets", { text: close });
      stack.pop();
      if (!inner.isCall) depth--;
      const value = closed(inner);
      if (isVector(value) && !inner.isCall) vectors++;
      add(stack.at(-1)!, value);
    } else if (comma) {
      if (inner.afterComma || inner.items.length === 0) throw new Unread("brackets", { text: "," });
      inner.afterComma = true;
    } else if (setting) {
      if (!inner.isCall || !inner.afterComma) throw new Unread("brackets", { text: shown(whole) });
      inner.afterComma = false;
    } else if (atom) add(inner, numberOf(atom, vectors + 1));
  }
  if (stack.length > 1) throw new Unread("brackets", { text: stack.at(-1)!.closes });
  return rowsOf(stack[0]!.items);
}

function numberOf(text: string, line: number): number {
  const number = numberIn(text);
  if (!number) throw new Unread(notANumber(text), { line, text: shown(text) });
  if (Math.abs(number.decimal) > LARGEST_FLOAT32) throw new Unread("too-large", { line, text: shown(text) });
  return number.decimal;
}

function add(to: List, value: Value): void {
  if (to.afterComma) to.commas++;
  to.afterComma = false;
  to.items.push(value);
}

/** What the list is: a vector, rows, or what a call holds. */
function closed({ isCall, items, commas, closes }: List): Value {
  if (isCall) {
    if (items.length !== 1) throw new Unread(items.length > 0 ? "brackets" : "empty", { text: ")" });
    return items[0]!;
  }
  // In "[0,5 1,2]" a comma may separate numbers or be a decimal comma.
  if (commas !== 0 && commas !== items.length - 1) throw new Unread("mixed-separators");
  if (items.length === 0) throw new Unread("empty");
  if (items.every((each) => typeof each === "number")) return items;
  if (items.every(isVector)) return items;
  throw new Unread("brackets", { text: closes });
}

const isVector = (value: Value): value is number[] => Array.isArray(value) && typeof value[0] === "number";

function rowsOf(items: Value[]): { rows: number[][]; flat: boolean } {
  if (items.length === 0) throw new Unread("empty");
  if (items.every((each) => typeof each === "number")) return { rows: [items], flat: true };
  if (items.some((each) => typeof each === "number")) throw new Unread("brackets", { text: "[" });
  const rows = items.flatMap((each) => (isVector(each) ? [each] : (each as number[][])));
  return { rows, flat: items.length === 1 && isVector(items[0]!) };
}
