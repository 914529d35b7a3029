import { setInput } from "../model/edits";
import { lowered } from "../text/symbols";
import { valueLabel, type Editing } from "./editing";

export function changeInput({ network, steps }: Omit<Editing, "words">, index: number, value: number): void {
  const { latest, names } = network;
  const label = valueLabel(lowered(names[0]![index]!), latest.inputs[index]!, value);
  steps.commit(setInput(latest, index, value), label, { target: `i${index}`, change: { input: index, value } });
}
