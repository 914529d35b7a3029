import { decimalMark, separatorOf } from "../model/numbers";
import { SPACES } from "../reading/characters";
import { readNumber } from "../reading/number";
import { ruleOf } from "../reading/rule";
import { Unread } from "../reading/words";
import type { LayerOutline } from "../world/types";

/** What may be set of a layer: the sizes of its parameters and the options of its operation, as its kind's list says them. */

/** GET /api/v1/operations, of one kind. */
export interface OperationDocument {
  kind: string;
  /** How its numbers are explained. */
  form: string;
  /** Of a function. */
  formula?: string;
  /** What it gives, in words. */
  says?: string;
  options: { name: string; required: boolean; schema: OptionSchema }[];
}

interface OptionSchema {
  type?: string;
  enum?: string[];
  anyOf?: OptionSchema[];
  items?: OptionSchema;
  default?: unknown;
}

export interface Field {
  readonly name: string;
  /** Of tensors one is chosen too, and the API takes a list of them. */
  readonly sort: "numbers" | "text" | "truth" | "word" | "tensors";
  /** What is chosen from. */
  readonly words: readonly string[];
  /** What they are called on the page, where that is another name. */
  readonly titles?: readonly string[];
  /** What it is now, as it is written in the field. */
  readonly text: string;
  /** Of numbers: whether they need not be whole. */
  readonly fractions?: boolean;
}

/** What the API calls the sizes of a kind's parameters, which no option says. */
function sizesOf({ kind, parameters }: LayerOutline): Record<string, unknown> {
  const shape = parameters.find(({ name }) => name.endsWith(".weights"))?.shape;
  if (!shape) return {};
  if (kind === "dense") return { out_features: shape[1] };
  if (kind === "linear") return { out_features: shape[0] };
  if (kind === "embedding") return { num_embeddings: shape[0], embedding_dim: shape[1] };
  if (kind.startsWith("conv_transpose")) return { out_channels: shape[1], kernel_size: shape.slice(2) };
  return kind.startsWith("conv") ? { out_channels: shape[0], kernel_size: shape.slice(2) } : {};
}

/** The fields of a layer that is there; `heads`: of an attention, whose softmax it is, how many it has. */
export function fieldsOf(layer: LayerOutline, operation: OperationDocument, language: string, heads: number | null = null): Field[] {
  const biased = layer.parameters.some(({ name }) => name.endsWith(".biases"));
  return [named(layer.name), ...fieldsFrom({ ...sizesOf(layer), ...(heads !== null && { heads }) }, language), ...biasField(layer.kind, biased), ...optionFields(operation, layer.options, language)];
}

const named = (text: string): Field => ({ name: "name", sort: "text", words: [], text });

/** Of kinds whose sums may have one: whether they do. */
const biasField = (kind: string, biased: boolean): Field[] =>
  kind === "dense" || kind === "linear" || kind.startsWith("conv") ? [{ name: "bias", sort: "truth", words: [], text: biased ? "true" : "" }] : [];

/** A tensor that a new layer may take beside the one that it stands after. */
export interface Taken {
  readonly name: string;
  readonly title: string;
}

/** The fields of a layer that is proposed: the sizes that the proposal names, and the options; `others`: which second tensors fit, where it takes one. */
export function proposedFields(operation: OperationDocument, proposed: Readonly<Record<string, unknown>>, language: string, others: readonly Taken[] = []): Field[] {
  const options = new Set(operation.options.map(({ name }) => name));
  const { inputs, ...rest } = proposed;
  const sizes = Object.fromEntries(Object.entries(rest).filter(([name]) => !options.has(name)));
  const second: Field[] = Array.isArray(inputs)
    ? [{ name: "inputs", sort: "tensors", words: others.map(({ name }) => name), titles: others.map(({ title }) => title), text: String(inputs[0]) }]
    : [];
  return [named(""), ...second, ...fieldsFrom(sizes, language), ...biasField(operation.kind, true), ...optionFields(operation, proposed, language)];
}

const fieldsFrom = (sizes: Record<string, unknown>, language: string): Field[] =>
  Object.entries(sizes).map(([name, value]) => ({ name, sort: "numbers", words: [], text: written(value, language) }));

function optionFields({ options }: OperationDocument, given: Readonly<Record<string, unknown>>, language: string): Field[] {
  return options.flatMap(({ name, schema }): Field[] => {
    const value = given[name] ?? schema.default ?? null;
    const kinds = schema.anyOf ?? [schema];
    // A size that grows with the batch is nothing that one types.
    if (JSON.stringify(value).includes("{")) return [];
    if (kinds.some(({ type }) => type === "boolean")) return [{ name, sort: "truth", words: [], text: value === true ? "true" : "" }];
    const words = kinds.flatMap((each) => each.enum ?? []);
    const numbers = kinds.some(({ type }) => type === "integer" || type === "number" || type === "array");
    if (!numbers && words.length > 0) return [{ name, sort: "word", words, text: String(value ?? "") }];
    return numbers ? [{ name, sort: "numbers", words, text: written(value, language), fractions: kinds.some(hasFractions) }] : [];
  });
}

const hasFractions = ({ type, items }: OptionSchema): boolean => type === "number" || (items !== undefined && [items, ...(items.anyOf ?? [])].some(hasFractions));

/** The formula of a function with the numbers of its options, as it is added; null of what has none. */
export function formulaWith({ formula, options }: OperationDocument, fields: Readonly<Record<string, unknown>>): string | null {
  const value = (name: string): unknown => fields[name] ?? options.find((each) => each.name === name)?.schema.default;
  return formula?.replace(/\{(\w+)\}/g, (_, name: string) => String(value(name))) ?? null;
}

/** A value as the page's language types it: 3, or 3, 2; 0,5, or 0,5; 2. Equal sides as one. */
export function written(value: unknown, language: string): string {
  if (value === null || value === undefined) return "";
  if (!Array.isArray(value)) return typeof value === "number" ? String(value).replace(".", decimalMark(language)) : String(value);
  const [first, ...others] = value.map((each) => written(each, language));
  return others.length > 0 && others.every((each) => each === first) ? first! : [first, ...others].join(`${separatorOf(language)} `);
}

/** What was typed, as the API takes it; undefined where it says nothing. Anything else goes as it is: the server says what is wrong with it. */
export function valueOf({ sort, text, fractions = false }: Pick<Field, "sort" | "text" | "fractions">, language: string): unknown {
  if (sort === "tensors") return [text];
  if (sort === "truth") return text === "true";
  if (text.trim() === "") return undefined;
  if (sort === "word" || sort === "text") return text.trim();
  // Where a comma may begin decimals, it parts numbers only with a space after it.
  const between = fractions && decimalMark(language) === "," ? /,\s+|[;×x\s]+/ : /[,;×x\s]+/;
  const numbers = withoutGroups(text, fractions).split(between).filter((part) => part !== "").map((part) => {
    const read = readNumber(part, ruleOf(language));
    return read instanceof Unread ? part : read;
  });
  return numbers.length === 1 ? numbers[0] : numbers;
}

/** Thousands are grouped by spaces that do not break a line, as numbers are copied from elsewhere; by a usual one, which parts numbers too, only before decimals. */
function withoutGroups(text: string, fractions: boolean): string {
  const together = text.replace(GROUPED, (number) => number.replace(/\s/g, ""));
  return fractions ? together.replace(GROUPED_BEFORE_DECIMALS, (number) => number.replaceAll(" ", "")) : together;
}

const GROUPED = new RegExp(`(?<![0-9.,])[0-9]{1,3}(?:[${SPACES}][0-9]{3})+(?![0-9])`, "g");
const GROUPED_BEFORE_DECIMALS = /(?<![0-9.,])[0-9]{1,3}(?: [0-9]{3})+(?=[.,][0-9])/g;

/** The values of the fields that were changed, by their names. */
export function changedValues(before: readonly Field[], texts: Readonly<Record<string, string>>, language: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const field of before) {
    const text = texts[field.name] ?? field.text;
    if (text !== field.text) found[field.name] = valueOf({ ...field, text }, language);
  }
  return found;
}
