import { fetchWithKey } from "../key";
import { at } from "../root";

/** The tensor lab: POST /api/v1/tensors reads a few lines of Python, and says what lies in which memory. */

/** A program, and the tensors that are drawn after it where it is as it was at the start. `label` is code. */
export interface Scene {
  label: string;
  program: string;
  show: string[];
}

export interface LabTensor {
  kind: "torch" | "numpy";
  dtype: string;
  shape: number[];
  /** In elements, one for each dimension; NumPy's may be negative. */
  stride: number[];
  /** The element of the storage that the first element is. */
  offset: number;
  storage: string;
}

/** null is one that nothing was ever written to. */
export type CellValue = number | boolean | null;

/** All elements of one piece of memory. */
export interface LabStorage {
  size: number;
  values: CellValue[];
}

/** What came of one line of a program; lines without code have none. */
export interface LineResult {
  /** The first and last line of the text that it takes. */
  line: number;
  end: number;
  ok: boolean;
  printed: string;
  /** Why it was passed over. */
  note?: string;
  /** What raised the error, where torch, NumPy or Python did: RuntimeError. */
  raised?: string;
  error?: string;
  hint?: string;
  /** Where it was not tried: the name it lacks, and the line that was to give it. */
  needs?: string;
  needs_line?: number;
  /** Where Python could not read on. */
  at?: { line: number; column: number };
}

export interface LabAnswer {
  tensors: Record<string, LabTensor>;
  storages: Record<string, LabStorage>;
  lines: LineResult[];
}

/** The answer to no program at all. */
export const NOTHING: LabAnswer = { tensors: {}, storages: {}, lines: [] };

/** The server does not take the program as a whole. */
export class Refused extends Error {}

/** Runs a program. Throws Refused where it is too long for the lab, and another error where no server answers. */
export async function runProgram(program: string, language: string): Promise<LabAnswer> {
  const answer = await fetchWithKey(at("/api/v1/tensors"), {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": language },
    body: JSON.stringify({ program }),
  });
  if (answer.status >= 400 && answer.status < 500) {
    const { detail, errors } = (await answer.json()) as { detail?: string; errors?: { detail: string }[] };
    throw new Refused(errors?.[0]?.detail ?? detail ?? "");
  }
  if (!answer.ok) throw new Error(answer.statusText);
  return withNonFinite((await answer.json()) as WrittenAnswer);
}

/** JSON has no infinity and no nan: the answer names their places, which are null in it as uninitialised ones are. */
interface WrittenAnswer extends LabAnswer {
  non_finite: { pointer: string; value: string }[];
}

export function withNonFinite(answer: WrittenAnswer): LabAnswer {
  for (const { pointer, value } of answer.non_finite) {
    const [kind, name, , at] = pointer.slice(1).split("/");
    if (kind === "storages") answer.storages[name!]!.values[Number(at)] = Number(value);
  }
  return answer;
}
