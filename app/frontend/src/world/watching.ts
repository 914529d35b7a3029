import type { BodyPlan } from "../bodies/plan";
import type { Standing } from "./place";
import { tellsAll } from "./told";
import type { Cell, Outline } from "./types";

/** What the server is to tell: the tensors that are on screen, and where the selected number comes from. */

export type WorldWatch =
  | { kind: "tensor"; tensor: string; as: string; region?: [number, number][]; reduce?: { by: number[]; with: "mean" | "largest" } }
  | { kind: "explain"; cell: Cell; as: string; terms?: number }
  | { kind: "sweep"; as: string; vary: Cell; from: number; to: number; steps: number; later: true }
  | { kind: "grid"; as: string; x: AxisWatch; y: AxisWatch; steps: number; later: true };

interface AxisWatch {
  cell: Cell;
  from: number;
  to: number;
}

type Shown = Pick<Standing, "tensor" | "plan">;

/** What is told of the bodies that are drawn, and of the outputs, wherever one looks. */
export function watchesOf(outline: Outline, drawn: readonly Shown[]): WorldWatch[] {
  const isWhole = ({ plan }: Shown): boolean => plan.by === null && plan.region === null;
  const told = tellsAll(outline);
  const bodies = drawn.filter((body) => !(told && isWhole(body))).map(({ tensor, plan }) => watchOfBody(tensor.name, plan));
  if (told) return bodies;
  const outputs = outline.outputs.filter((name) => name.startsWith("layers.") && !drawn.some((body) => body.tensor.name === name && isWhole(body)));
  return [...bodies, ...outputs.map((tensor): WorldWatch => ({ kind: "tensor", tensor, as: shownName(tensor) }))];
}

/** What is told beside that of the bodies that are to be drawn next. */
export function watchesAhead(outline: Outline, drawn: readonly Shown[], ahead: readonly Shown[]): WorldWatch[] {
  const told = new Set(watchesOf(outline, drawn).map((watch) => watch.as));
  return watchesOf(outline, ahead).filter((watch) => !told.has(watch.as));
}

/** The watch of a body as its plan shows it. */
export function watchOfBody(tensor: string, plan: BodyPlan): WorldWatch {
  const region = plan.region?.map(([from, to]): [number, number] => [from, to]);
  return { kind: "tensor", tensor, as: shownName(tensor, plan), ...(region && { region }), ...(plan.by && { reduce: { by: [...plan.by], with: plan.largest ? ("largest" as const) : ("mean" as const) } }) };
}

const names = new Map<string, string>();

/**
 * What an array is called in a frame, by what it holds: tensors have names of any length and alphabet, and the server takes short
 * ones of plain letters. What holds the same is called the same.
 */
export function arrayName(...holds: readonly unknown[]): string {
  const key = JSON.stringify(holds);
  let name = names.get(key);
  if (name === undefined) names.set(key, (name = `a${names.size}`));
  return name;
}

/** What the numbers that a plan shows of a tensor are called; without a plan all of them. */
export const shownName = (tensor: string, plan: Pick<BodyPlan, "by" | "region" | "largest"> | null = null): string =>
  arrayName(tensor, plan?.by ?? null, plan?.region ?? null, plan?.largest ?? false);

/** What a frame calls one number that is asked for by itself. */
export const numberName = ({ tensor, at }: Cell): string => arrayName("number", tensor, at);
