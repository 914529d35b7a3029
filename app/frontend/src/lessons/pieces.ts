import { QUESTION, type Answers } from "./answers";
import type { Hidden, Locked } from "./assignment";
import { translator } from "../text/messages";
import type { LessonData, PieceData } from "./data";

/** A piece that has come alive. */
export interface LivePiece {
  /** Lights what a phrase names. null: nothing. */
  point(part: string | null): void;
  /** Selects what a phrase names, or brings it on stage. */
  choose?(part: string): void;
}

/** The outputs are not shown until a question is answered. */
export interface Cover {
  /** The name of the exercise, or QUESTION. */
  asked: string;
  lifted(then: () => void): void;
}

/** Tells the page which phrases name what is pointed at in a piece. */
export type Pointed = (named: (part: string) => boolean) => void;

const NEAR = "600px";

/** Brings each piece to life when it comes near the window; until then it stands as the server wrote it. */
export function livePieces(document: Document, data: LessonData, lock: readonly Locked[], hide: readonly Hidden[], answers: Answers): void {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        void awaken(target as HTMLElement, data, lock, hide, answers);
      }
    },
    { rootMargin: NEAR },
  );
  const sizes = new ResizeObserver((entries) => {
    for (const { target, borderBoxSize } of entries) (target as HTMLElement).style.setProperty("--tall", `${borderBoxSize[0]!.blockSize}px`);
  });
  for (const figure of document.querySelectorAll<HTMLElement>("[data-piece]")) {
    sizes.observe(figure);
    if (data.pieces?.[figure.dataset["piece"]!]) observer.observe(figure);
  }
}

async function awaken(
  figure: HTMLElement,
  data: LessonData,
  lock: readonly Locked[],
  hide: readonly Hidden[],
  answers: Answers,
): Promise<void> {
  const given = data.pieces![figure.dataset["piece"]!]!;
  const piece = given.kind === "studio" ? { ...given, lock, show: given.show.filter((each) => !isHidden(each, hide)) } : given;
  const phrases = [...(figure.closest(".step")?.querySelectorAll<HTMLElement>("[data-part]") ?? [])];
  const pointed: Pointed = (named) => {
    for (const phrase of phrases) phrase.classList.toggle("lit", named(phrase.dataset["part"]!));
  };
  const live = await mountPiece(figure.querySelector<HTMLElement>(".stage")!, piece, data, pointed, cover(given, hide, answers));
  if (!live) return;
  figure.dataset["live"] = "true";
  const words = translator(data.messages)("lessons.script-back-to-text");
  for (const phrase of phrases) livePhrase(phrase, live, figure, words);
}

async function mountPiece(
  stage: HTMLElement,
  piece: PieceData,
  data: LessonData,
  pointed: Pointed,
  covered: Cover | null,
): Promise<LivePiece | null> {
  if (piece.kind === "studio") return (await import("./mountStudio")).mountStudio(stage, piece, data, pointed, covered);
  if (piece.kind === "lab") return (await import("../lab/mountLab")).mountLab(stage, piece, data, pointed);
  return (await import("./mountRace")).mountRace(stage, piece, data, pointed);
}

/** A piece that shows what an exercise asks, or whose outputs a teacher hides, waits with them; null for any other. */
function cover(piece: PieceData, hide: readonly Hidden[], answers: Answers): Cover | null {
  if (piece.kind !== "studio") return null;
  const asked = isHidden("outputs", hide) ? QUESTION : piece.asks;
  return asked ? { asked, lifted: (then) => answers.after(asked, then) } : null;
}

const isHidden = (part: string, hide: readonly Hidden[]): boolean => hide.some((each) => each === part);

/** A phrase lights what it names while it is pointed at or focused, and chooses it when pressed. */
function livePhrase(phrase: HTMLElement, live: LivePiece, figure: HTMLElement, words: string): void {
  const part = phrase.dataset["part"]!;
  phrase.tabIndex = 0;
  for (const event of ["pointerenter", "focus"]) phrase.addEventListener(event, () => live.point(part));
  for (const event of ["pointerleave", "blur"]) phrase.addEventListener(event, () => live.point(null));
  const choose = () => {
    live.choose?.(part);
    bringIntoView(figure, phrase, words);
  };
  phrase.setAttribute("role", "button");
  phrase.addEventListener("click", choose);
  phrase.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  });
}

/** On a narrow screen the picture may be far from the words: it comes into view, with a way back to where one was reading. */
function bringIntoView(figure: HTMLElement, phrase: HTMLElement, words: string): void {
  const { top, bottom } = figure.getBoundingClientRect();
  if (bottom > 0 && top < innerHeight) return;
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  figure.querySelector(".back")?.remove();
  const back = document.createElement("button");
  back.type = "button";
  back.className = "back act";
  back.textContent = `↩ ${words}`;
  back.addEventListener("click", () => {
    back.remove();
    phrase.scrollIntoView({ block: "center", behavior });
    phrase.focus({ preventScroll: true });
  });
  figure.prepend(back);
  figure.scrollIntoView({ block: "start", behavior });
}
