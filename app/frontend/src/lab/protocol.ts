/** The tensor lab: POST /api/v1/tensors runs a few steps of torch and NumPy, and says what lies in which memory. */

export interface Step {
  op: string;
  args: unknown[];
  as?: string;
}

/** Steps, and the tensors that are drawn after them. `label` is code; `text` the steps as the lines of a program. */
export interface Scene {
  label: string;
  steps: Step[];
  show: string[];
  lines: string[];
}

export interface LabTensor {
  kind: "torch" | "numpy";
  dtype: string;
  shape: number[];
  /** In elements, one for each dimension. */
  stride: number[];
  /** The element of the storage that the first element is. */
  offset: number;
  storage: string;
}

/** All elements of one piece of memory; null is one that nothing was ever written to. */
export interface LabStorage {
  size: number;
  values: (number | null)[];
}

export interface StepResult {
  ok: boolean;
  error?: string;
  hint?: string;
}

export interface LabAnswer {
  tensors: Record<string, LabTensor>;
  storages: Record<string, LabStorage>;
  steps: StepResult[];
}

/** Runs the steps. Throws where there is no lab or no server. */
export async function runSteps(steps: readonly Step[], language: string): Promise<LabAnswer> {
  const answer = await fetch("/api/v1/tensors", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": language },
    body: JSON.stringify({ steps }),
  });
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()) as LabAnswer;
}
