import type { Answers } from "./answers";
import { formatted } from "./formatted";
import { mark, readMarks, type Mark } from "./progress";
import type { Kept } from "../studio/storage";
import type { Translate } from "../text/messages";
import { fetchWithKey } from "../key";
import { at } from "../root";

/** What POST /{language}/exercises/{name} answers. */
interface Judgement {
  readable: boolean;
  right: boolean[];
  all_right: boolean;
  text: string;
}

interface Surroundings {
  language: string;
  t: Translate;
  storage: Kept;
  answers: Answers;
  /** A teacher's link hides the solutions: only the right guess counts as an answer then. */
  strict: boolean;
}

/** Makes an exercise that can be read into one that can be answered. */
export function liveExercise(section: HTMLElement, surroundings: Surroundings): void {
  const { t, storage, answers, strict } = surroundings;
  const name = section.dataset["exercise"]!;
  const form = part<HTMLFormElement>(section, "form");
  const verdict = part(section, ".verdict");
  const solution = part<HTMLDetailsElement>(section, ".solution");
  const guessFirst = part(section, ".first");
  let guessed = false;

  const show = (kept: Mark | undefined) => {
    part(section, ".mark").textContent = kept ? t(kept === "solved" ? "lessons.script-solved" : "lessons.script-revealed") : "";
    section.dataset["mark"] = kept ?? "";
    allowSolution(guessed || kept !== undefined);
    if (kept === "solved" || (!strict && (guessed || kept !== undefined))) answers.give(name);
  };
  const allowSolution = (allowed: boolean) => {
    solution.hidden = !allowed;
    guessFirst.hidden = allowed;
  };

  form.hidden = false;
  hintsInSteps(section);
  show(readMarks(storage)[name]);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void judge(name, guessOf(form), surroundings).then((judgement) => {
      if (!judgement) {
        verdict.textContent = t("lessons.script-offline");
        section.dataset["verdict"] = "unanswered";
        return;
      }
      verdict.replaceChildren(formatted(judgement.text));
      section.dataset["verdict"] = judgement.all_right ? "right" : judgement.readable ? "wrong" : "unreadable";
      markFields(form, judgement);
      if (!judgement.readable) return;
      guessed = true;
      show(judgement.all_right ? mark(storage, name, "solved") : readMarks(storage)[name]);
      if (judgement.all_right) solution.open = true;
    });
  });
  solution.addEventListener("toggle", () => {
    if (solution.open) show(mark(storage, name, "seen"));
  });
}

/** Each hint appears once the one before it was opened. */
function hintsInSteps(section: HTMLElement): void {
  const hints = [...section.querySelectorAll<HTMLDetailsElement>(".hint")];
  hints.forEach((hint, index) => {
    hint.hidden = index > 0;
    hint.addEventListener("toggle", () => {
      const next = hints[index + 1];
      if (hint.open && next) next.hidden = false;
    });
  });
}

function guessOf(form: HTMLFormElement): string[] {
  const chosen = form.querySelector<HTMLInputElement>("input[type=radio]:checked");
  if (chosen) return [chosen.value];
  return [...form.querySelectorAll<HTMLInputElement>("input[type=text]")].map((field) => field.value);
}

function markFields(form: HTMLFormElement, judgement: Judgement): void {
  form.querySelectorAll<HTMLInputElement>("input[type=text]").forEach((field, index) => {
    field.setAttribute("aria-invalid", String(!judgement.right[index]));
  });
}

/** The server's judgement; null where none came. */
async function judge(name: string, guess: string[], { language }: Surroundings): Promise<Judgement | null> {
  try {
    const answer = await fetchWithKey(at(`/${language}/exercises/${name}`), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ guess }),
    });
    return answer.ok ? ((await answer.json()) as Judgement) : null;
  } catch {
    return null;
  }
}

function part<E extends HTMLElement = HTMLElement>(section: HTMLElement, selector: string): E {
  const found = section.querySelector<E>(selector);
  if (!found) throw new Error(`the exercise has no ${selector}`);
  return found;
}
