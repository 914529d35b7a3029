import type { ActivationDocument, PresetDocument, TraceDocument } from "../studio/data";
import type { Locked } from "./assignment";
import type { Messages } from "../text/messages";
import type { Scene } from "../lab/protocol";

export type StudioPart = "inputs" | "diagram" | "sum" | "product" | "seed" | "units";

export interface StudioPieceData {
  kind: "studio";
  preset: PresetDocument;
  trace: TraceDocument;
  show: StudioPart[];
  select: [layer: number, neuron: number];
  /** The exercise that asks for the outputs: they are shown once it was answered. */
  asks?: string | null;
  /** What a teacher's link has locked. */
  lock?: readonly Locked[];
  /** In a class's network activation functions can be chosen; in a lesson's the text is about other things. */
  choosable?: boolean;
}

export interface LabPieceData {
  kind: "lab";
  scenes: Scene[];
  /** Whether its program is open for writing at once. */
  open: boolean;
}

/** A product of two square matrices, and how long it took. */
export interface Timed {
  size: number;
  products: number;
  milliseconds: number;
}

export interface RacePieceData {
  kind: "race";
  sizes: number[];
  loop: Timed;
}

export type PieceData = StudioPieceData | LabPieceData | RacePieceData;

/** What a page of the course hands to its script. Pages without live pieces hand over words only. */
export interface LessonData {
  language: string;
  messages: Messages;
  pieces?: Record<string, PieceData>;
  activations?: ActivationDocument[];
  /** For the builder of links: where each lesson and the page of a class stand. */
  lessons?: { title: string; address: string }[];
  presets?: { name: string; title: string }[];
  class_address?: string;
}

export function readLessonData(document: Document): LessonData {
  const element = document.getElementById("lesson-data");
  if (!element?.textContent) throw new Error("the page carries no lesson-data");
  return JSON.parse(element.textContent) as LessonData;
}
