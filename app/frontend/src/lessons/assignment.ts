import type { LayerDocument } from "../model/document";
import { pack, unpack } from "../share/packing";
import { QUESTION, type Answers } from "./answers";
import type { Translate } from "../text/messages";

/** What a teacher's link carries, all of it in its fragment: a question, what is locked or hidden, and perhaps a network. */

export const LOCKED = ["inputs", "weights", "layers"] as const;
export const HIDDEN = ["inputs", "diagram", "sum", "outputs", "hints", "solutions"] as const;
export type Locked = (typeof LOCKED)[number];
/** What each lock is called, by its key. */
export const LOCK_WORDS: Record<Locked, string> = {
  inputs: "lessons.script-part-inputs",
  weights: "lessons.script-part-weights",
  layers: "lessons.script-part-layers",
};
export type Hidden = (typeof HIDDEN)[number];

/** A preset by name, or a network of its own with what goes in: the body of POST /api/v1/forward. */
export type AssignedNetwork = { network: string } | { layers: Partial<LayerDocument>[]; inputs: number[] };

export interface Assignment {
  question: string;
  lock: Locked[];
  hide: Hidden[];
  network?: AssignedNetwork;
}

export const LONGEST_QUESTION = 1000;
const LONGEST_STATE = 200_000;
/** A link is short; one that swells to more than this was not made here. */
const MOST_BYTES = 20 * LONGEST_STATE;
const KEY = "class=";

/** The assignment as the fragment of an address, its # included. */
export async function writeAssignment(assignment: Assignment): Promise<string> {
  return `#${KEY}${await pack(JSON.stringify(assignment))}`;
}

/** The assignment of a fragment; null where it has none, or none that can be read. */
export async function readAssignment(hash: string): Promise<Assignment | null> {
  const text = hash.replace(/^#/, "");
  if (!text.startsWith(KEY) || text.length > LONGEST_STATE) return null;
  try {
    return checked(JSON.parse(await unpack(text.slice(KEY.length), MOST_BYTES)));
  } catch {
    return null;
  }
}

/** Only what an assignment may say; anything else of the link is dropped. */
function checked(found: unknown): Assignment | null {
  if (typeof found !== "object" || found === null) return null;
  const { question, lock, hide, network } = found as Record<string, unknown>;
  const assignment: Assignment = {
    question: typeof question === "string" ? question.slice(0, LONGEST_QUESTION) : "",
    lock: LOCKED.filter((each) => Array.isArray(lock) && lock.includes(each)),
    hide: HIDDEN.filter((each) => Array.isArray(hide) && hide.includes(each)),
  };
  // The server judges a network; here it only has to be an object.
  if (typeof network === "object" && network !== null) assignment.network = network as AssignedNetwork;
  return assignment;
}

/** Puts the question and a field for its answer at the head of the page, and hides what the teacher hid. */
export async function showAssignment(document: Document, assignment: Assignment, t: Translate, answers: Answers): Promise<void> {
  const article = document.querySelector<HTMLElement>("article.lesson");
  if (!article) return;
  article.dataset["hide"] = assignment.hide.join(" ");
  // The same assignment in another language.
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".languages a")) link.hash = location.hash;
  await passOn(document, assignment);
  if (assignment.question) article.querySelector("h1")?.after(questionOf(document, assignment.question, t, answers));
  else answers.give(QUESTION);
}

/** The class's settings go along to the other lessons; the question was about this one. */
async function passOn(document: Document, { lock, hide }: Assignment): Promise<void> {
  const course = document.querySelector<HTMLAnchorElement>(".course-link a");
  if (!course || lock.length + hide.length === 0) return;
  const settings = await writeAssignment({ question: "", lock, hide });
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".course-link a, .onward a, .contents ol a")) {
    if (link.pathname.startsWith(course.pathname)) link.hash = settings;
  }
}

function questionOf(document: Document, question: string, t: Translate, answers: Answers): HTMLElement {
  const aside = document.createElement("aside");
  aside.className = "question";
  aside.setAttribute("aria-label", t("lessons.script-question"));
  const words = document.createElement("p");
  words.textContent = question;
  const form = document.createElement("form");
  const label = document.createElement("label");
  const field = document.createElement("textarea");
  field.rows = 2;
  field.required = true;
  label.append(t("lessons.script-answer"), field);
  const button = document.createElement("button");
  button.type = "submit";
  button.textContent = t("lessons.script-answered");
  form.append(label, button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim() === "") return;
    // From here on it is what was predicted, beside what comes out.
    field.readOnly = true;
    button.hidden = true;
    answers.give(QUESTION);
  });
  aside.append(words, form);
  return aside;
}
