import { forget, readMarks } from "./progress";
import type { Kept } from "../studio/storage";
import type { Translate } from "../text/messages";

/** On the page of contents: how much of each lesson is solved, and a way to forget it. */
export function showProgress(document: Document, t: Translate, storage: Kept): void {
  const entries = document.querySelectorAll<HTMLElement>("[data-exercises]");
  const kept = document.querySelector<HTMLElement>(".kept");
  if (!kept || entries.length === 0) return;

  const show = () => {
    const marks = readMarks(storage);
    for (const entry of entries) {
      const exercises = entry.dataset["exercises"]!.split(" ");
      const done = exercises.filter((name) => marks[name] === "solved").length;
      const place = entry.querySelector(".progress")!;
      place.textContent = done > 0 ? t("lessons.script-progress", { done, count: exercises.length }) : "";
      entry.classList.toggle("done", done === exercises.length);
    }
    kept.hidden = Object.keys(marks).length === 0;
  };
  kept.querySelector("button")!.addEventListener("click", () => {
    forget(storage);
    show();
  });
  show();
}
