import type { Print } from "../../studio/print";
import type { Translate } from "../../text/messages";
import type { Forms } from "../../forms/forms.svelte";
import type { Cell } from "../types";
import type { Playback } from "./playback.svelte";

interface Given {
  t: Translate;
  print: Print;
  playback: Playback;
  forms: Forms;
  nameOf(cell: Cell): string;
  titleOf(tensor: string): string;
  value(cell: Cell): number | undefined;
}

/** What the step on screen computes, in words, with the server's numbers. */
export function captionOf(given: Given): string {
  const { t, print, playback, forms } = given;
  const { now, cell, row } = playback;
  if (now === null) return t("studio.whole-pass");
  if (cell) return row === null ? t("studio.step-neuron", { name: given.nameOf(cell), value: print.inline(given.value(cell)) }) : termOf(given, cell, row);
  if (now.sort === "card") return now.path || t("world.run", { from: now.layers[0]!.index + 1, to: now.layers.at(-1)!.index + 1 });
  if (now.layer === null) return t("studio.step-inputs");
  const { kind, activation } = now.layer;
  return `${forms.names.of(now.tensor.name)?.base ?? given.titleOf(now.tensor.name)}: ${activation === "identity" ? kind : `${kind}, ${activation}`}`;
}

/** The same where there is little room: of a sum what was added last. */
export function lineOf(given: Given): string {
  const added = addedOf(given);
  return added ? `+ ${added.term} = ${added.value}` : captionOf(given);
}

function termOf(given: Given, cell: Cell, row: number): string {
  const name = given.nameOf(cell);
  const added = addedOf(given);
  return row === 0 || !added ? `${name} = …` : given.t("studio.step-term", { name, ...added });
}

/** The row of a sum that was added last. */
function addedOf({ t, print, forms, playback: { row } }: Given): { term: string; value: string } | null {
  const sum = row === null ? undefined : forms.shown?.steps[0];
  if (!row || !sum) return null;
  const { layout } = sum;
  const place = layout.placeOf(row - 1);
  if (place !== null) return { term: forms.names.cell(layout.cellOf(place)), value: print.inline(sum.contributionOf(place)) };
  if (row <= layout.biasRows) return { term: t("forms.constant"), value: print.inline(sum.constants["offset"]) };
  return { term: t("world.rest"), value: print.inline(sum.rest) };
}
