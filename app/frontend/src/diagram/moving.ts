import type { DiagramLayout } from "./layout";
import { layersBefore, MOVE } from "./motion";

/**
 * Moves neurons and heads of a stage from where they stood to where they stand; what is new comes into sight. Edges do, too:
 * their curves cannot move in every browser. Called once the new structure is in the page.
 */
export function moveStructure(stage: HTMLElement, before: DiagramLayout, after: DiagramLayout, hint: number): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const sizes = ({ centers }: DiagramLayout): number[] => centers.map(({ length }) => length);
  const origins = layersBefore(sizes(before), sizes(after), hint);
  for (const element of stage.querySelectorAll<SVGElement>("[data-neuron]")) {
    const [layer, neuron] = element.dataset["neuron"]!.split(".").map(Number);
    const origin = origins[layer!] ?? null;
    const from = origin === null ? undefined : before.centers[origin]?.[neuron!];
    const to = after.centers[layer!]?.[neuron!];
    if (!to) continue;
    if (!from) appear(element);
    else if (from.x !== to.x || from.y !== to.y) element.animate({ transform: [placed(from), placed(to)] }, MOVE);
  }
  stage.querySelectorAll<HTMLElement>("[data-head]").forEach((element, layer) => {
    const origin = origins[layer] ?? null;
    const from = origin === null ? undefined : before.heads[origin];
    const to = after.heads[layer];
    if (!to) return;
    if (!from) appear(element);
    else if (from.x !== to.x || from.y !== to.y) element.animate({ translate: [placedBy(from.x - to.x, from.y - to.y), "0px 0px"] }, MOVE);
  });
  for (const element of stage.querySelectorAll("[data-edges], .labels")) appear(element);
}

const placed = ({ x, y }: { x: number; y: number }): string => `translate(${x}px, ${y}px)`;
const placedBy = (x: number, y: number): string => `${x}px ${y}px`;

function appear(element: Element): void {
  element.animate({ opacity: [0, 1] }, MOVE);
}
