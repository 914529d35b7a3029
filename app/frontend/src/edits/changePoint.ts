import { setInputs } from "../model/edits";
import { lowered } from "../text/symbols";
import type { Editing } from "./editing";

/** Both inputs of a network that has two, as a point on their plane. */
export function changePoint({ network, steps }: Omit<Editing, "words">, at: number, and: number): void {
  const [x, y] = network.names[0]!.map(lowered) as [string, string];
  const label = { key: "studio.did-point", values: { x, at, y, and } };
  steps.commit(setInputs(network.latest, [at, and]), label, { target: "point", change: { inputs: [at, and] } });
}
