import { forget, readMarks } from "./progress";
import type { Kept } from "../studio/storage";
import type { Translate } from "../text/messages";

/** On the page of contents: how much of each lesson is solved, and a way to forget it, which can be undone until the page is left. */
export function showProgress(document: Document, t: Translate, storage: Kept): void {
  const entries = document.querySelectorAll<HTMLElement>("[data-exercises]");
  const kept = document.querySelector<HTMLElement>(".kept");
  if (!kept || entries.length === 0) return;

  const words = kept.querySelector("[role=status]")!;
  const button = kept.querySelector("button")!;
  const said = [words.textContent, button.textContent] as const;
  let undo: (() => void) | null = null;

  const show = () => {
    const marks = readMarks(storage);
    for (const entry of entries) {
      const exercises = entry.dataset["exercises"]!.split(" ");
      const done = exercises.filter((name) => marks[name] === "solved").length;
      const place = entry.querySelector(".progress")!;
      place.textContent = done > 0 ? t("lessons.script-progress", { done, count: exercises.length }) : "";
      entry.classList.toggle("done", done === exercises.length);
    }
    kept.hidden = Object.keys(marks).length === 0 && undo === null;
    [words.textContent, button.textContent] = undo ? ([t("lessons.script-forgotten"), t("lessons.script-undo")] as const) : said;
  };
  button.addEventListener("click", () => {
    if (undo) undo();
    undo = undo ? null : forget(storage);
    show();
  });
  show();
}
