import { decimalMark } from "../model/numbers";
import type { Rule } from "./words";

/** How numbers are read on a page of this language, where nothing else decides. */
export const ruleOf = (language: string): Rule => ({ mark: decimalMark(language) });
