import type { ActivationDocument, PresetDocument, TraceDocument } from "../studio/data";
import type { Messages } from "../text/messages";
import type { Scene } from "../lab/protocol";

export type StudioPart = "inputs" | "diagram" | "sum" | "product" | "seed" | "units";

export interface StudioPieceData {
  kind: "studio";
  preset: PresetDocument;
  trace: TraceDocument;
  show: StudioPart[];
  select: [layer: number, neuron: number];
}

export interface LabPieceData {
  kind: "lab";
  scenes: Scene[];
}

export interface RacePieceData {
  kind: "race";
  sizes: number[];
}

export type PieceData = StudioPieceData | LabPieceData | RacePieceData;

/** What a page of the course hands to its script. Pages without live pieces hand over words only. */
export interface LessonData {
  language: string;
  messages: Messages;
  pieces?: Record<string, PieceData>;
  activations?: ActivationDocument[];
}

export function readLessonData(document: Document): LessonData {
  const element = document.getElementById("lesson-data");
  if (!element?.textContent) throw new Error("the page carries no lesson-data");
  return JSON.parse(element.textContent) as LessonData;
}
