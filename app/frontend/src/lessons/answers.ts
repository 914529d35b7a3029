/** The name under which a learner's answer to a teacher's question is kept among those to the exercises. */
export const QUESTION = "question";

/** Which questions were answered: what would give an answer away waits for it. */
export class Answers {
  readonly #given = new Set<string>();
  readonly #waiting = new Map<string, (() => void)[]>();

  give(name: string): void {
    this.#given.add(name);
    for (const then of this.#waiting.get(name) ?? []) then();
    this.#waiting.delete(name);
  }

  /** Does something once a question is answered: at once where it was. */
  after(name: string, then: () => void): void {
    if (this.#given.has(name)) then();
    else this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), then]);
  }
}

/** Covers what the page prints of an answer until it is given. */
export function coverAnswers(document: Document, answers: Answers): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-answer]")) {
    const whole = [...part.childNodes];
    part.replaceChildren("?");
    answers.after(part.dataset["answer"]!, () => part.replaceChildren(...whole));
  }
}
