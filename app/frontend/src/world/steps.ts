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
const sameWork = (a: LayerOutline, b: LayerOutline): boolean => a.kind === b.kind && a.module === b.module;

function stretchesOf(layers: readonly LayerOutline[], least: number): Stretch[] {
  const found: Stretch[] = [];
  for (let start = 0; start < layers.length; start++) {
    const stretch = longestFrom(layers, start, least);
    if (!stretch) continue;
    found.push(stretch);
    start = stretch.end - 1;
  }
  return found;
}

/** What repeats from here on, by the period that reaches furthest. */
function longestFrom(layers: readonly LayerOutline[], start: number, least: number): Stretch | null {
  let longest: Stretch | null = null;
  for (let period = LEAST_LAYERS; start + (least - 0.5) * period <= layers.length; period++) {
    if (!sameWork(layers[start]!, layers[start + period]!)) continue;
    let end = start + period;
    while (end < layers.length && sameWork(layers[end]!, layers[end - period]!)) end++;
    // The last time may end in another way: nothing takes from it any more.
    const times = Math.round((end - start) / period);
    if (times < least || !isOneAtWork(layers.slice(start, start + period)) || end <= (longest?.end ?? 0)) continue;
    longest = { start, period, times, end: ended(layers, start + (times - 1) * period, Math.min(end, start + times * period)) };
  }
  return longest;
}

/** Layers without a module, and one layer alone, may look alike by chance. */
const isOneAtWork = (layers: readonly LayerOutline[]): boolean => layers.some(({ module }) => module !== null) && layers.some(({ kind, module }) => kind !== layers[0]!.kind || module !== layers[0]!.module);

/** The end of the last step: what takes from nothing but it is of it too. */
function ended(layers: readonly LayerOutline[], from: number, end: number): number {
  const own = new Set(layers.slice(from, end).map(({ activations }) => activations.name));
  while (end < layers.length && layers[end]!.takes.length > 0 && layers[end]!.takes.every((tensor) => own.has(tensor))) own.add(layers[end++]!.activations.name);
  return end;
}
