import type { Hidden, Locked } from "./assignment";
import type { LessonData, PieceData } from "./data";

/** A piece that has come alive. */
export interface LivePiece {
  /** Lights what a phrase names. null: nothing. */
  point(part: string | null): void;
  /** Selects what a phrase names, or brings it on stage. */
  choose?(part: string): void;
}

/** Tells the page which phrases name what is pointed at in a piece. */
export type Pointed = (named: (part: string) => boolean) => void;

const NEAR = "600px";

/** Brings each piece to life when it comes near the window; until then it stands as the server wrote it. */
export function livePieces(document: Document, data: LessonData, lock: readonly Locked[], hide: readonly Hidden[]): void {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        void awaken(target as HTMLElement, data, lock, hide);
      }
    },
    { rootMargin: NEAR },
  );
  for (const figure of document.querySelectorAll<HTMLElement>("[data-piece]")) {
    if (data.pieces?.[figure.dataset["piece"]!]) observer.observe(figure);
  }
}

async function awaken(
  figure: HTMLElement,
  data: LessonData,
  lock: readonly Locked[],
  hide: readonly Hidden[],
): Promise<void> {
  const given = data.pieces![figure.dataset["piece"]!]!;
  const piece = given.kind === "studio" ? { ...given, lock, show: given.show.filter((each) => !isHidden(each, hide)) } : given;
  const phrases = [...(figure.closest(".step")?.querySelectorAll<HTMLElement>("[data-part]") ?? [])];
  const pointed: Pointed = (named) => {
    for (const phrase of phrases) phrase.classList.toggle("lit", named(phrase.dataset["part"]!));
  };
  const live = await mountPiece(figure.querySelector<HTMLElement>(".stage")!, piece, data, pointed);
  if (!live) return;
  figure.dataset["live"] = "true";
  for (const phrase of phrases) livePhrase(phrase, live, figure);
}

async function mountPiece(
  stage: HTMLElement,
  piece: PieceData,
  data: LessonData,
  pointed: Pointed,
): Promise<LivePiece | null> {
  if (piece.kind === "studio") return (await import("./mountStudio")).mountStudio(stage, piece, data, pointed);
  if (piece.kind === "lab") return (await import("../lab/mountLab")).mountLab(stage, piece, data, pointed);
  return (await import("./mountRace")).mountRace(stage, piece, data, pointed);
}

const isHidden = (part: string, hide: readonly Hidden[]): boolean => hide.some((each) => each === part);

/** A phrase lights what it names while it is pointed at or focused, and chooses it when pressed. */
function livePhrase(phrase: HTMLElement, live: LivePiece, figure: HTMLElement): void {
  const part = phrase.dataset["part"]!;
  phrase.tabIndex = 0;
  for (const event of ["pointerenter", "focus"]) phrase.addEventListener(event, () => live.point(part));
  for (const event of ["pointerleave", "blur"]) phrase.addEventListener(event, () => live.point(null));
  const choose = () => {
    live.choose?.(part);
    bringIntoView(figure);
  };
  phrase.setAttribute("role", "button");
  phrase.addEventListener("click", choose);
  phrase.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  });
}

/** On a narrow screen the picture may be far from the words. */
function bringIntoView(figure: HTMLElement): void {
  const { top, bottom } = figure.getBoundingClientRect();
  if (bottom > 0 && top < innerHeight) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  figure.scrollIntoView({ block: "nearest", behavior: still ? "instant" : "smooth" });
}
