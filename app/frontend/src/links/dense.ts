/** How a dense layer's weights are shown: as edges of their own, as one picture of curves, or as a picture of the matrix. */
import { edgeScale } from "./scale";
import type { Bundle } from "./edges/bundle";
import { endsOf } from "./ends";
import type { Gap } from "./gaps";
import type { Flow } from "./lines";
import type { TensorOutline } from "../world/types";

/** Up to so many edges each is an element of its own. */
export const MOST_ELEMENTS = 600;
/** Up to so many they are drawn as curves unless the matrix is chosen. */
export const MOST_CURVES = 300_000;

export type DenseView = "elements" | "curves" | "matrix";

/** The weights (n_in, n_out) between two rows of numbers; null where the link is another. */
export function weightsBetween({ layer, giver, taker, passed }: Gap): TensorOutline | null {
  if (layer?.kind !== "dense" || !giver || !taker || passed.length > 0) return null;
  const weights = layer.parameters.find(({ name }) => name.endsWith(".weights"));
  const [from, to] = weights?.shape ?? [];
  const alone = (shape: readonly number[], size: number | undefined): boolean => shape.at(-1) === size && shape.slice(0, -1).every((each) => each === 1);
  return weights && alone(giver.tensor.shape, from) && alone(taker.tensor.shape, to) ? weights : null;
}

/** How they are shown unless another view is chosen. `hasPlaces`: all cells of both bodies have a place. */
export function viewOf(weights: TensorOutline, hasPlaces: boolean, chosen: DenseView | null): DenseView {
  const edges = edgesOf(weights);
  if (!hasPlaces || chosen === "matrix") return "matrix";
  if (edges <= MOST_ELEMENTS) return "elements";
  return edges <= MOST_CURVES || chosen === "curves" ? "curves" : "matrix";
}

/** Above so many curves are no choice: they take minutes, and show nothing any more. */
const MOST_CHOSEN = 2_000_000;

/** The other view that can be chosen; null where there is none. */
export function otherView(weights: TensorOutline, hasPlaces: boolean, view: DenseView): DenseView | null {
  if (view !== "matrix") return edgesOf(weights) > MOST_ELEMENTS ? "matrix" : null;
  return hasPlaces && edgesOf(weights) <= MOST_CHOSEN ? "curves" : null;
}

/** Whether so many weights are between two bodies that there are two views of them. */
export function hasChoice(gap: Gap): boolean {
  const weights = weightsBetween(gap);
  return weights !== null && edgesOf(weights) > MOST_ELEMENTS;
}

const edgesOf = ({ shape }: TensorOutline): number => shape[0]! * shape[1]!;

/** Where the edges between two bodies run; null where some of their cells have no place. */
export function wayBetween({ giver, taker }: Gap, flow: Flow): Omit<Bundle, "weights"> | null {
  if (!giver || !taker) return null;
  const [sources, targets] = [endsOf(giver, flow), endsOf(taker, flow)];
  if (!sources || !targets) return null;
  const [start, end] =
    flow === "right" ? [giver.box.x + giver.box.width, taker.box.x] : [giver.box.y + giver.box.height, taker.box.y];
  return { flow, start, end, sources, targets, scale: edgeScale(sources, targets) };
}
