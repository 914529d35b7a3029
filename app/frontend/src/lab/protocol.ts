/** The tensor lab: POST /api/v1/tensors runs a few steps of torch and NumPy, and says what lies in which memory. */

/** A number as it is written: 1.0 makes floats where 1 makes whole numbers, and a number of the browser's forgets which. */
export class Written {
  constructor(readonly text: string) {}
}

/** "$name" is an earlier result, any other text the name of a dtype. */
export type Argument = string | number | boolean | Written | Argument[];

export interface Step {
  op: string;
  args: Argument[];
  kwargs?: Record<string, Argument>;
  as?: string;
  /** Where it stands in the learner's program; the server is not told. */
  line?: number;
}

/** Steps as the lines of a program, one a line, and the tensors that are drawn after them. `label` is code. */
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
  /** What raised it, where torch, NumPy or Python did: RuntimeError. */
  raised?: string;
  error?: string;
  hint?: string;
  /** Where it was not tried: the name it lacks, and the step that was to give it. */
  needs?: string;
  needs_step?: number;
}

export interface LabAnswer {
  tensors: Record<string, LabTensor>;
  storages: Record<string, LabStorage>;
  steps: StepResult[];
}

/** The server's answer to steps that it does not take, and the step that is at fault. */
export class Refused extends Error {
  constructor(
    readonly step: number | null,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** Runs the steps. Throws Refused where they are none of the lab's, and another error where no server answers. */
export async function runSteps(steps: readonly Step[], language: string): Promise<LabAnswer> {
  const answer = await fetch("/api/v1/tensors", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": language },
    body: stepsText(steps),
  });
  if (answer.status >= 400 && answer.status < 500) throw refusal(await answer.json());
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

/** The answer without the results within a line, which only the next step of the line needs. */
export function withoutParts(answer: LabAnswer, parts: ReadonlySet<string>): LabAnswer {
  if (parts.size === 0) return answer;
  const tensors = Object.fromEntries(Object.entries(answer.tensors).filter(([name]) => !parts.has(name)));
  return { ...answer, tensors };
}

/** The steps as JSON, with each number as it was written. */
export function stepsText(steps: readonly Step[]): string {
  const list = steps.map(({ op, args, kwargs, as }) => {
    const fields = [`"op":${JSON.stringify(op)}`, `"args":${argumentText(args)}`];
    const keywords = Object.entries(kwargs ?? {}).map(([name, value]) => `${JSON.stringify(name)}:${argumentText(value)}`);
    if (keywords.length > 0) fields.push(`"kwargs":{${keywords.join()}}`);
    if (as !== undefined) fields.push(`"as":${JSON.stringify(as)}`);
    return `{${fields.join()}}`;
  });
  return `{"steps":[${list.join()}]}`;
}

function argumentText(argument: Argument): string {
  if (argument instanceof Written) return argument.text;
  return Array.isArray(argument) ? `[${argument.map(argumentText).join()}]` : JSON.stringify(argument);
}

interface ProblemDocument {
  detail?: string;
  errors?: { pointer: string; detail: string }[];
}

function refusal({ detail, errors }: ProblemDocument): Refused {
  const first = errors?.[0];
  const step = /^\/steps\/(\d+)/.exec(first?.pointer ?? "")?.[1];
  return new Refused(step === undefined ? null : Number(step), first?.detail ?? detail ?? "");
}
