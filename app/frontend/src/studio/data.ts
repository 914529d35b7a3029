import type { Pass } from "../live/frames";
import type { StudioState } from "../model/types";
import type { OutlineDocument } from "../world/outline";
import { reach } from "./reach";

/** GET /api/v1/presets/{name}. */
export interface PresetDocument {
  name: string;
  title: string;
  description: string;
  layers: { name: string; weights: number[][]; biases: number[]; activation: string }[];
  inputs: number[];
  input_names: string[];
  input_ranges: [number, number][];
  input_units: (string | null)[];
  output_names: string[];
  seed?: number | null;
}

/** What POST /api/v1/forward answers; null stands for a value that is not finite. */
export interface TraceDocument {
  device: string;
  layers: { pre_activations: (number | null)[]; activations: (number | null)[] }[];
}

export interface ActivationDocument {
  name: string;
  mathml: string;
  /** The least and the greatest value it can take; null where there is none. */
  range: [number | null, number | null];
  elementwise: boolean;
}

/** One of GET /api/v1/presets. `sizes`: of a chain of dense layers. */
export interface ListedPreset {
  name: string;
  title: string;
  /** What to look for. */
  description: string;
  /** How well it knows what it learnt; "" where it learnt nothing. */
  known_in_words: string;
  group: string;
  sizes?: number[];
  input_shape: number[];
  input_units: (string | null)[];
  /** What its outputs stand for; two where one output goes from the first to the second. */
  class_names: string[];
  /** That it learnt from; null where it learnt nothing. */
  data_set: string | null;
  samples: { name: string; inputs: number[] }[];
}

/** A preset of any kind, without its layers. Of pictures and sequences one range holds for all numbers. */
export interface PresetOutline {
  name: string;
  title: string;
  description: string;
  inputs: unknown;
  input_ranges: [number, number][];
  class_names: string[];
  samples: { name: string; inputs: unknown }[];
  /** The data set that it learnt from; null where it learnt nothing. */
  data_set: string | null;
  /** How well it knows what it learnt; "" where it learnt nothing. */
  known_in_words: string;
}

/** What the page hands to the studio, so that the first paint already has the server's numbers. */
export interface StudioData {
  language: string;
  /** All that there are, each with its own name. */
  languages: { code: string; name: string }[];
  messages: Record<string, string>;
  presets: ListedPreset[];
  preset: PresetDocument;
  trace: TraceDocument;
  activations: ActivationDocument[];
  /** Where the course is in this language. */
  course_address: string;
  /** The stored network that the address names; its id alone where there is none of it. `sizes`: of a chain of dense layers. An outline of
   *  very many layers is asked for. */
  network?: { id: string; secret?: true; parameters?: number; sizes?: number[]; dtype?: string; outline?: OutlineDocument; preset?: PresetOutline };
  /** The page stands in another page's frame: the diagram alone, which keeps nothing. */
  embed: boolean;
}

export function readStudioData(document: Document): StudioData {
  const element = document.getElementById("studio-data");
  if (!element?.textContent) throw new Error("the page carries no studio-data");
  return JSON.parse(element.textContent) as StudioData;
}

export function stateOfPreset(preset: PresetDocument): StudioState {
  return {
    preset: preset.name,
    inputs: preset.inputs,
    inputNames: preset.input_names,
    inputRanges: preset.input_ranges,
    outputNames: preset.output_names,
    layers: preset.layers,
    seed: preset.seed ?? 0,
  };
}

/** The pass that came with the page, in the form of a live one. */
export function passOfTrace(trace: TraceDocument, inputs: readonly number[]): Pass {
  const arrays = new Map<string, Float32Array>([["inputs", Float32Array.from(inputs)]]);
  trace.layers.forEach((layer, k) => {
    arrays.set(`layers.${k}.pre_activations`, finite(layer.pre_activations));
    arrays.set(`layers.${k}.activations`, finite(layer.activations));
  });
  return { seq: 0, arrays };
}

const finite = (values: readonly (number | null)[]): Float32Array => Float32Array.from(values, (value) => value ?? NaN);

/** GET a preset. Throws with the problem's own words, or NoAnswer. */
export async function fetchPreset(name: string, language: string): Promise<PresetDocument> {
  const answer = await reach(`/api/v1/presets/${encodeURIComponent(name)}`, { headers: { "Accept-Language": language } });
  return (await answer.json()) as PresetDocument;
}
