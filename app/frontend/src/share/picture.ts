/** The diagram as a picture of its own: what is on screen, with every style written into the drawing. */

import type { Translate } from "../text/messages";
import { isWrittenAsPainted } from "./honest";
import { coloursOf, type Srgb } from "../studio/colour";

const NAMESPACE = "http://www.w3.org/2000/svg";
const SHAPE = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "vector-effect", "opacity"];
const TEXT = [...SHAPE, "font-family", "font-size", "font-style", "text-anchor", "dominant-baseline", "paint-order"];
const COLOURS = new Set(["fill", "stroke"]);
/** What a drawing has where nothing is said. */
const USUAL = new Set(["normal", "auto", "butt", "miter", "start"]);
const GEOMETRY = ["d", "x", "y", "dx", "dy", "cx", "cy", "r", "rx", "ry", "width", "height", "transform"];
const MARGIN = 12;
/** The width of a "…". */
const ELLIPSIS = 12;
/** Pixels of the PNG for each CSS pixel; fewer where that is more than every browser's canvas can have. */
export const PNG_SCALE = 2;
const LONGEST_SIDE = 16_384;
const MOST_PIXELS = 67_000_000;

/** The edges, the neurons, and what stands in these: how they respond. */
const DRAWN = ":scope > svg, :scope > [data-edges] > svg, .responses > .sheet, .responses svg";

/** An SVG document of a stage: its drawings and its layers' heads, on paper. `title` names it for screen readers. */
export function pictureOf(stage: HTMLElement, title: string): string {
  const frame = stage.getBoundingClientRect();
  const picture = paperOf(frame.width, frame.height, title, MARGIN);
  for (const sheet of stage.querySelectorAll(DRAWN)) {
    const box = sheet.getBoundingClientRect();
    if (sheet instanceof HTMLCanvasElement) pixels(picture, sheet, box, frame);
    else drawing(picture, sheet as SVGSVGElement, box, frame);
  }
  picture.append(...heads(stage));
  return writtenDown(picture);
}

/** An empty drawing on the page's paper. */
export function paperOf(width: number, height: number, title: string, margin = 0): Element {
  const [x, y, across, down] = [-margin, -margin, width + 2 * margin, height + 2 * margin];
  const picture = element("svg", { xmlns: NAMESPACE, width: across, height: down, viewBox: `${x} ${y} ${across} ${down}`, role: "img" });
  const name = element("title", {});
  name.textContent = title;
  picture.append(name, element("rect", { x, y, width: across, height: down, fill: rgb(getComputedStyle(document.documentElement).backgroundColor) }));
  return picture;
}

/** A drawing where it stands, in a picture of `frame`. */
export function drawing(picture: Element, original: SVGSVGElement, box: DOMRect, frame: DOMRect): void {
  const { x, y, width, height } = original.viewBox.baseVal ?? new DOMRect();
  const [across, down] = width > 0 && height > 0 ? [box.width / width, box.height / height] : [1, 1];
  const group = element("g", { transform: `translate(${box.left - frame.left} ${box.top - frame.top}) scale(${across} ${down}) translate(${-x} ${-y})` });
  for (const child of original.children) append(group, child);
  if (group.childElementCount > 0) picture.append(group);
}

/** What is painted in pixels, likewise. */
export function pixels(picture: Element, canvas: HTMLCanvasElement, box: DOMRect, frame: DOMRect): void {
  if (canvas.width === 0 || canvas.height === 0) return;
  const { opacity, imageRendering } = getComputedStyle(canvas);
  const place = { x: box.left - frame.left, y: box.top - frame.top, width: box.width, height: box.height };
  picture.append(element("image", { ...place, opacity, "image-rendering": imageRendering, preserveAspectRatio: "none", href: canvas.toDataURL() }));
}

/** What XML may not hold: a name may have it, and a browser writes it down all the same. */
const NOT_IN_XML = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

export const writtenDown = (picture: Element): string => `${new XMLSerializer().serializeToString(picture).replace(NOT_IN_XML, "\ufffd")}\n`;

/** The same picture as pixels. Throws in the page's words where the browser would write other ones. */
export async function pixelsOf(svg: string, t: Translate): Promise<Blob> {
  if (!(await isWrittenAsPainted(document))) throw new Error(t("studio.canvas-guarded"));
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    const { naturalWidth: wide, naturalHeight: high } = image;
    const scale = Math.min(PNG_SCALE, LONGEST_SIDE / Math.max(wide, high), Math.sqrt(MOST_PIXELS / (wide * high)));
    Object.assign(canvas, { width: Math.floor(wide * scale), height: Math.floor(high * scale) });
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("PNG"))), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Appends a part of a drawing as it is painted. */
export function append(parent: Element, original: Element): void {
  if (original.localName === "title" || original.hasAttribute("data-corners")) return;
  const style = getComputedStyle(original);
  if (style.display === "none" || style.visibility === "hidden") return;
  const copy = element(original.localName, {});
  for (const name of GEOMETRY) {
    const value = original.getAttribute(name);
    if (value !== null) copy.setAttribute(name, value);
  }
  if (original.localName !== "g") wear(copy, style);
  else if (style.opacity !== "1") copy.setAttribute("opacity", style.opacity);
  for (const child of original.childNodes) {
    if (child instanceof Element) append(copy, child);
    else if (child instanceof Text && child.data.trim()) copy.append(child.data);
  }
  // What neither is seen nor holds anything seen stays out.
  const { fill, stroke } = style;
  if (original.localName !== "g" && fill === "none" && stroke === "none") return;
  parent.append(copy);
}

function wear(copy: Element, style: CSSStyleDeclaration): void {
  for (const name of copy.localName === "text" || copy.localName === "tspan" ? TEXT : SHAPE) {
    const value = style.getPropertyValue(name);
    if (value === "" || USUAL.has(value)) continue;
    if ((["stroke-dasharray", "vector-effect"].includes(name) && value === "none") || (name === "opacity" && value === "1")) continue;
    if (style.stroke === "none" && name.startsWith("stroke-")) continue;
    copy.setAttribute(name, COLOURS.has(name) ? rgb(value) : value);
  }
}

/** Each layer's name, size and activation, at its head's place. */
function heads(stage: HTMLElement): Element[] {
  const frame = stage.getBoundingClientRect();
  return [...stage.querySelectorAll<HTMLElement>(".head")].map((head) => {
    const title = head.querySelector<HTMLElement>(".title")!;
    const box = title.getBoundingClientRect();
    const down = head.classList.contains("down");
    const style = getComputedStyle(head);
    const x = (down ? box.left : box.left + box.width / 2) - frame.left;
    const text = element("text", {
      x,
      y: box.bottom - frame.top - 4,
      "text-anchor": down ? "start" : "middle",
      "font-family": style.fontFamily,
      "font-size": style.fontSize,
      fill: rgb(style.color),
    });
    const first = [seen(title), head.querySelector(".count")?.textContent].filter(Boolean).join(" · ");
    const lines = [first, head.querySelector("select")?.value].filter((line) => line !== undefined);
    lines.forEach((line, k) => {
      const span = element("tspan", down ? { dx: k * 10 } : { x, dy: k * 18 });
      span.textContent = line;
      text.append(span);
    });
    return text;
  });
}

/** A text as far as there is room for it on the page, where the rest is cut. */
function seen(title: HTMLElement): string {
  const [text, room] = [title.firstChild as Text, title.clientWidth];
  if (title.scrollWidth <= room) return text.data;
  const range = document.createRange();
  const letters = [...text.data];
  const widthOf = (count: number): number => {
    range.setStart(text, 0);
    range.setEnd(text, letters.slice(0, count).join("").length);
    return range.getBoundingClientRect().width;
  };
  let count = letters.length;
  while (count > 0 && widthOf(count) > room - ELLIPSIS) count--;
  return `${letters.slice(0, count).join("")}…`;
}

export function element(name: string, attributes: Record<string, string | number>): Element {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) if (key !== "xmlns") made.setAttribute(key, String(value));
  return made;
}

const known = new Map<string, string>();

/** Any CSS colour as #rrggbb, with its opacity where it has one: other programs do not know oklch(). */
export function rgb(colour: string): string {
  const found = known.get(colour);
  if (found !== undefined || colour === "none") return found ?? colour;
  const [[r, g, b, a]] = coloursOf(document.body, [colour]) as [Srgb];
  const hex = [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("");
  const text = a === 1 ? `#${hex}` : `rgb(${r} ${g} ${b} / ${+a.toFixed(3)})`;
  known.set(colour, text);
  return text;
}
