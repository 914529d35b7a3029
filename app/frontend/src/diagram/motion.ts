/** How the diagram moves when its structure changes, so that the eye keeps its place: which neuron was where before. */

export const MOVE: KeyframeAnimationOptions = { duration: 160, easing: "cubic-bezier(0.3, 0, 0.2, 1)" };

/**
 * For each layer after a change, the layer it was before; null for a new one. Where one layer came or went and its place
 * cannot be told from the sizes, `hint` says it: the layer that is selected now.
 */
export function layersBefore(before: readonly number[], after: readonly number[], hint: number): (number | null)[] {
  const grown = after.length - before.length;
  if (grown === 0) return after.map((_, layer) => layer);
  if (Math.abs(grown) > 1) return after.map(() => null);
  const [shorter, longer] = grown === 1 ? [before, after] : [after, before];
  const fits = (place: number): boolean => String(longer.toSpliced(place, 1)) === String(shorter);
  const places = longer.map((_, place) => place).filter(fits);
  if (places.length === 0) return after.map(() => null);
  const place = places.includes(hint) ? hint : places[0]!;
  if (grown === 1) return after.map((_, layer) => (layer === place ? null : layer < place ? layer : layer - 1));
  return after.map((_, layer) => (layer < place ? layer : layer + 1));
}
