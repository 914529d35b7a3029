/** The edges into one layer as elements that are kept: of a change, only what differs is written. A component for each edge
 *  would be asked at every change of any weight, and there are thousands. */

const NAMESPACE = "http://www.w3.org/2000/svg";

export interface EdgeLook {
  weight: number;
  /** Classes beside "edge". */
  marks: string;
  width: number;
  /** 0 to 1: how far from the zero weight's colour. */
  strength: number;
  /** What a screen reader calls it; null where it is not on the way of the keyboard. */
  label: string | null;
  selected: boolean;
}

interface Drawn extends EdgeLook {
  element: SVGPathElement;
}

export class EdgeElements {
  readonly #group: SVGGElement;
  readonly #layer: number;
  #rows: Drawn[][] = [];

  constructor(group: SVGGElement, layer: number) {
    this.#group = group;
    this.#layer = layer;
  }

  /** Has an element for each edge of a layer of these sizes; those that stay keep their focus. */
  shape(sources: number, targets: number): void {
    const group = this.#group;
    for (const [from, row] of this.#rows.entries()) {
      for (const { element } of from < sources ? row.splice(targets) : row) element.remove();
    }
    this.#rows.length = Math.min(this.#rows.length, sources);
    let next = group.firstChild;
    for (let from = 0; from < sources; from++) {
      const row = (this.#rows[from] ??= []);
      for (let to = 0; to < targets; to++) {
        const drawn = row[to];
        if (drawn) {
          next = drawn.element.nextSibling;
        } else {
          const element = document.createElementNS(NAMESPACE, "path");
          element.dataset["edge"] = `${this.#layer}.${from}.${to}`;
          group.insertBefore(element, next);
          row[to] = { element, weight: NaN, marks: "", width: NaN, strength: NaN, label: "", selected: false };
        }
      }
    }
  }

  place(path: (from: number, to: number) => string): void {
    this.#each(({ element }, from, to) => element.setAttribute("d", path(from, to)));
  }

  look(of: (from: number, to: number) => EdgeLook): void {
    this.#each((drawn, from, to) => dress(drawn, of(from, to)));
  }

  #each(visit: (drawn: Drawn, from: number, to: number) => void): void {
    for (const [from, row] of this.#rows.entries()) for (const [to, drawn] of row.entries()) visit(drawn, from, to);
  }
}

function dress(drawn: Drawn, look: EdgeLook): void {
  const { element } = drawn;
  if (look.marks !== drawn.marks) element.setAttribute("class", `edge ${look.marks}`);
  if (look.width !== drawn.width) element.setAttribute("stroke-width", String(look.width));
  if (!Object.is(look.weight, drawn.weight)) element.dataset["value"] = String(look.weight);
  if (look.strength !== drawn.strength) element.style.setProperty("--strength", String(look.strength));
  if (look.label !== drawn.label || look.selected !== drawn.selected) name(element, look);
  Object.assign(drawn, look);
}

function name(element: SVGPathElement, { label, selected }: EdgeLook): void {
  element.setAttribute("role", label === null ? "presentation" : "button");
  const attributes = { tabindex: "0", "aria-label": label, "aria-pressed": String(selected) };
  for (const [key, value] of Object.entries(attributes)) {
    if (label === null) element.removeAttribute(key);
    else element.setAttribute(key, value!);
  }
}
