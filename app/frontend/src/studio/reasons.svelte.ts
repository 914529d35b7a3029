import { OF_NETWORK } from "../later/parts";
import type { Given } from "./whyNaN";

/** The words come with the first number that is none: `came` has what shows them look again. */
const WHY = OF_NETWORK.only("whyNaN");
let came = $state(false);

function explained() {
  if (!WHY.loaded && !came) void WHY.load().then(() => (came = true), () => undefined);
  return WHY.loaded;
}

const isNone = (value: number | undefined): boolean => value !== undefined && Number.isNaN(value);

/** Why a value of a neuron, its sum or its activation, is not a number, in words; undefined where it is one, or is not known yet. */
export const reasonFor = (given: Given, value: number | undefined, layer: number, neuron: number): string | undefined =>
  isNone(value) ? explained()?.reasonOfNaN(given, layer, neuron) : undefined;

/** The same for one term of its sum. */
export const reasonForTerm = (given: Given, term: number | undefined, layer: number, from: number): string | undefined =>
  isNone(term) ? explained()?.reasonOfTerm(given, layer, from) : undefined;
