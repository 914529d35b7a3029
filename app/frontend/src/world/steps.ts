import type { LayerOutline } from "./types";

/** What the same modules compute again and again, as an LSTM does at each step of its sequence. */

/** Which repetition it is, from 1; `round`: of the repetitions that follow each other, as of two LSTMs, which. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly round: number;
  readonly rounds: number;
}

interface Run {
  readonly layers: readonly LayerOutline[];
  readonly step: Step | null;
}

/** So few layers are no step, and what comes fewer times is no repetition. */
const [LEAST_LAYERS, LEAST_TIMES] = [3, 3];
/** More layers in a step are not looked for. */
const MOST_LAYERS = 200;
/** Of what is known to be steps, two are as well. */
const LEAST_WITHIN = 2;
/** More steps than this are folded, as many together as there are cards of them. */
const MOST_STEPS = 18;

/** Counted among all steps, and not from the first of those that were folded together. */
const numbered = (step: Step, within: Step | undefined): Step => (within ? { ...within, from: within.from - 1 + step.from, to: within.from - 1 + step.to } : step);

interface Stretch {
  readonly start: number;
  readonly period: number;
  readonly times: number;
  /** Behind its last layer. */
  readonly end: number;
}

/** Layers by the steps that they are of, and by what lies between; null where nothing repeats. `within`: the steps that they are known to be. */
export function stepsOf(layers: readonly LayerOutline[], within?: Step): Run[] | null {
  if (within && within.from === within.to) return null;
  const stretches = stretchesOf(layers, within ? LEAST_WITHIN : LEAST_TIMES);
  if (stretches.length === 0) return null;
  const runs: Run[] = [];
  let at = 0;
  const rest = (to: number): void => void (to > at && runs.push({ layers: layers.slice(at, to), step: null }));
  stretches.forEach(({ start, period, times, end }, k) => {
    rest(start);
    const each = times > MOST_STEPS ? Math.ceil(Math.sqrt(times)) : 1;
    for (let from = 0; from < times; from += each) {
      const to = Math.min(times, from + each);
      const some = layers.slice(start + from * period, to === times ? end : start + to * period);
      runs.push({ layers: some, step: numbered({ from: from + 1, to, count: times, round: k + 1, rounds: stretches.length }, within) });
    }
    at = end;
  });
  rest(layers.length);
  return runs;
}

/** Of the same module and kind: torch's modules are told apart by their paths, so that this is one at work again. */
const workOf = ({ kind, module }: LayerOutline): string => `${module} ${kind}`;

/** What repeats, from the first layer on, each by the period that reaches furthest. Work grows with the layers, and never with their square. */
function stretchesOf(layers: readonly LayerOutline[], least: number): Stretch[] {
  const work = layers.map(workOf);
  const [count, longest] = [layers.length, Math.min(MOST_LAYERS, Math.floor(layers.length / (least - 0.5)))];
  /** The end of the layers from here on that are all alike, and the next one that has a module. */
  const [alike, named] = [new Int32Array(count + 1).fill(count), new Int32Array(count + 1).fill(count)];
  for (let k = count - 1; k >= 0; k--) {
    alike[k] = work[k] === work[k + 1] ? alike[k + 1]! : k + 1;
    named[k] = layers[k]!.module === null ? named[k + 1]! : k;
  }
  /** By period, where the repetition ends that was looked at last. */
  const ends = new Int32Array(longest + 1);
  const endOf = (start: number, period: number): number => {
    if (ends[period]! > start + period) return ends[period]!;
    let end = start + period;
    while (end < count && work[end] === work[end - period]) end++;
    return (ends[period] = end);
  };
  const found: Stretch[] = [];
  for (let start = 0; start < count; start++) {
    let furthest: Stretch | null = null;
    for (let period = LEAST_LAYERS; period <= longest && start + (least - 0.5) * period <= count; period++) {
      // Layers without a module, and one layer alone, may look alike by chance.
      if (named[start]! >= start + period || alike[start]! >= start + period || work[start] !== work[start + period]) continue;
      const end = endOf(start, period);
      // The last time may end in another way: nothing takes from it any more.
      const times = Math.round((end - start) / period);
      if (times < least || end <= (furthest?.end ?? 0)) continue;
      furthest = { start, period, times, end: ended(layers, start + (times - 1) * period, Math.min(end, start + times * period)) };
    }
    if (!furthest) continue;
    found.push(furthest);
    start = furthest.end - 1;
  }
  return found;
}

/** The end of the last step: what takes from nothing but it is of it too. */
function ended(layers: readonly LayerOutline[], from: number, end: number): number {
  const own = new Set(layers.slice(from, end).map(({ activations }) => activations.name));
  while (end < layers.length && layers[end]!.takes.length > 0 && layers[end]!.takes.every((tensor) => own.has(tensor))) own.add(layers[end++]!.activations.name);
  return end;
}
