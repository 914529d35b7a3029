import type { Print } from "../../studio/print";
import { equated } from "../../text/symbols";
import type { Translate } from "../../text/messages";
import type { Explained } from "../../forms/decode";
import type { Forms } from "../../forms/forms.svelte";
import { cellsOfRow, stepsOf, subtractsMean, SUMS } from "../../forms/growing";
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
  if (cell) return row === null ? equated(given.nameOf(cell), print.inline(given.value(cell))) : termOf(given, cell, row);
  if (now.sort === "card") return now.path || t("world.run", { from: now.layers[0]!.index + 1, to: now.layers.at(-1)!.index + 1 });
  if (now.layer === null) return t("studio.step-inputs");
  const { kind, activation } = now.layer;
  return `${forms.names.of(now.tensor.name)?.base ?? given.titleOf(now.tensor.name)}: ${activation === "identity" ? kind : `${kind}, ${activation}`}`;
}

/** The same where there is little room: what was added or looked at last. */
export function lineOf(given: Given): string {
  const now = rowOf(given);
  if (!now) return captionOf(given);
  return `${now.adds ? "+ " : ""}${equated(now.term, now.value)}`;
}

function termOf(given: Given, cell: Cell, row: number): string {
  const name = given.nameOf(cell);
  const now = rowOf(given);
  if (row === 0 || !now) return `${name} = …`;
  return now.adds ? given.t("studio.step-term", { name, term: now.term, value: now.value }) : given.t("world.step-part", { name, part: now.term, value: now.value });
}

interface Row {
  term: string;
  value: string;
  /** It was added to a sum. */
  adds: boolean;
}

/** The row by which the number grew last. */
function rowOf(given: Given): Row | null {
  const { row } = given.playback;
  const grows = row === null ? undefined : given.forms.shown?.steps[0];
  if (!row || !grows) return null;
  const added = SUMS.has(grows.form) ? addedOf(given, grows, row) : null;
  return added ? { ...added, adds: true } : partOf(given, grows, row - 1);
}

/** What was looked at last: a score, a window's cell, a factor, or a step of a normalisation with what came of it. */
function partOf({ t, print, forms }: Given, grows: Explained, row: number): Row | null {
  const [cell] = cellsOfRow(grows.layout, row);
  if (cell) return { term: forms.names.cell(cell), value: print.inline(grows.valueOf(grows.layout.indexOf(cell))), adds: false };
  const [centred, deviation, normalised] = grows.worked.between ?? [];
  const step = grows.form === "normalisation" ? stepsOf(grows.layout)[row] : undefined;
  const centres = subtractsMean(forms.names.of(grows.layout.cell.tensor)?.layer?.kind);
  if (step === "mean" && !centres) return { term: t("forms.rms"), value: print.inline(deviation), adds: false };
  if (step === "mean") return { term: t("forms.less-mean"), value: print.inline(centred), adds: false };
  return step === "deviation" ? { term: t(centres ? "forms.over-deviation" : "forms.over-rms"), value: print.inline(normalised), adds: false } : null;
}

/** The row of a sum that was added last. */
function addedOf({ t, print, forms }: Given, sum: Explained, row: number): { term: string; value: string } {
  const { layout } = sum;
  const place = layout.placeOf(row - 1);
  if (place !== null) return { term: forms.names.cell(layout.cellOf(place)), value: print.inline(sum.contributionOf(place)) };
  if (row <= layout.biasRows) return { term: t("forms.constant"), value: print.inline(sum.constants["offset"]) };
  return { term: t("world.rest"), value: print.inline(sum.rest) };
}
