import { post } from "../../studio/draws";
import { indexOf, sizeOf } from "../cells";
import { inputsOf } from "../dialect";
import { idNow } from "../keeping";
import type { WorldState } from "../state";
import type { Cell, Outline } from "../types";
import type { World } from "../world.svelte";

/** How much a number would move an output, at once: the derivative of one by the other, as torch gives it. */
export interface Slope {
  readonly cell: Cell;
  readonly slope: number;
}

/** Above so many numbers the parameters are left out, and then the inputs. */
const MOST_NUMBERS = 60_000;
const MOST_TOLD = 8;

/** What an output is differentiated by: the inputs that are no whole numbers, and the parameters where they are not too many. */
export function differentiatedBy({ inputs, layers }: Outline): string[] {
  const real = inputs.filter(({ dtype }) => /float/.test(dtype));
  const parameters = layers.flatMap((layer) => layer.parameters).filter(({ dtype }) => /float/.test(dtype));
  const count = (tensors: readonly { shape: readonly number[] }[]): number => tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (count([...real, ...parameters]) <= MOST_NUMBERS) return [...real, ...parameters].map(({ name }) => name);
  return count(real) <= MOST_NUMBERS ? real.map(({ name }) => name) : [];
}

/** The numbers that would move a cell most, the strongest first: the inputs', then the parameters'. Throws with the server's own words. */
export async function slopesOf(world: World, target: Cell, state: WorldState): Promise<Slope[]> {
  const by = differentiatedBy(world.outline);
  if (by.length === 0) return [];
  const answer = await post("/api/v1/explain", { network: await idNow(world, state), inputs: inputsOf(state), target, by }, world.language);
  const { gradients } = (await answer.json()) as { gradients: Record<string, unknown> };
  const found: { inputs: Slope[]; parameters: Slope[] } = { inputs: [], parameters: [] };
  for (const [tensor, nested] of Object.entries(gradients)) {
    const shape = world.tensors.get(tensor)?.shape;
    const list = world.isInput(tensor) ? found.inputs : found.parameters;
    if (shape) list.push(...strongest([nested].flat(Infinity) as (number | null)[]).map(({ place, slope }) => ({ cell: { tensor, at: indexOf(place, shape) }, slope })));
  }
  const [inputs, parameters] = [found.inputs, found.parameters].map((list) => list.sort((a, b) => Math.abs(b.slope) - Math.abs(a.slope))) as [Slope[], Slope[]];
  const first = inputs.slice(0, Math.max(MOST_TOLD / 2, MOST_TOLD - parameters.length));
  return [...first, ...parameters.slice(0, MOST_TOLD - first.length)];
}

function strongest(slopes: readonly (number | null)[]): { place: number; slope: number }[] {
  const found: { place: number; slope: number }[] = [];
  slopes.forEach((slope, place) => {
    if (slope === null || slope === 0) return;
    if (found.length === MOST_TOLD && Math.abs(slope) <= Math.abs(found.at(-1)!.slope)) return;
    const at = found.findIndex((each) => Math.abs(each.slope) < Math.abs(slope));
    found.splice(at < 0 ? found.length : at, 0, { place, slope });
    found.length = Math.min(found.length, MOST_TOLD);
  });
  return found;
}
