import { Unread } from "../reading/words";
import { reasonOf, Refused } from "../studio/reach";
import type { Translate } from "../text/messages";

/** Why a file was not opened, and where in it: layers and rows are counted from 1, as everywhere on the page. */
export function placed(error: unknown, t: Translate): string {
  if (error instanceof Unread) {
    return t(`unread.${error.code}`, error.values);
  }
  const reason = reasonOf(error, t);
  const [, part = "", first = "", member = "", row = ""] = error instanceof Refused ? error.pointer.split("/") : [];
  const at = (index: string): number | null => (/^\d+$/.test(index) ? Number(index) + 1 : null);
  const place = at(first);
  if (place === null) return reason;
  if (part === "inputs") return t("studio.open-in-inputs", { row: place, reason });
  if (part !== "layers") return reason;
  const line = member === "weights" ? at(row) : null;
  return line === null ? t("studio.open-in-layer", { layer: place, reason }) : t("studio.open-in-row", { layer: place, row: line, reason });
}
