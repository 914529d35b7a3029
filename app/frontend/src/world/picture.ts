import { tick } from "svelte";

import { drawing, element, paperOf, pixels, rgb, writtenDown } from "../share/picture";
export { pixelsOf } from "../share/picture";
import { tellsAll } from "./told";
import type { World } from "./world.svelte";

/** The diagram as a picture of its own: its drawings, what is painted in pixels, boxes and words, each where it stands. */

const CLEAR = /^rgba?\(.*, ?0\)$|transparent/;
/** Of more bodies than these, one picture has those in sight alone; of a network whose numbers are asked for body by body a server tells fewer at once. */
const MOST_BODIES = 500;
const MOST_ASKED = 100;
/** The longest that a picture waits for numbers and edges, in milliseconds. */
const MOST_WAIT = 5000;

/** All of the diagram as an SVG document, or, with too many bodies for that or where their numbers do not come, what of it is in sight. */
export async function pictureOf(world: World): Promise<{ readonly svg: string; readonly whole: boolean }> {
  const { sight, layout } = world;
  const stage = document.querySelector<HTMLElement>("[data-stage]")!;
  const title = `Adelante · ${world.name}`;
  world.point([]);
  if (layout.bodies.length <= (tellsAll(world.outline) ? MOST_BODIES : MOST_ASKED)) {
    sight.pictures += 1;
    try {
      if (await drawn(world, stage)) return { svg: drawnIn(stage, stage.querySelector<HTMLElement>(".content")!, title), whole: true };
    } finally {
      sight.pictures -= 1;
    }
  }
  await tick();
  return { svg: drawnIn(stage, stage, title), whole: false };
}

/** Waits until all numbers are there and painted, and all edges drawn, though not for long, since a server may be away. Gives whether the numbers are there. */
async function drawn({ sight, wire, areTold }: World, stage: HTMLElement): Promise<boolean> {
  const until = performance.now() + MOST_WAIT;
  await tick();
  const misses = (): boolean => (wire.connection === "live" && !sight.near.every(areTold)) || stage.querySelector("[data-drawn]:not([data-drawn='1'])") !== null;
  while (misses() && performance.now() < until) await new Promise((done) => setTimeout(done, 20));
  await tick();
  return sight.near.every(areTold);
}

/** What stands in the stage as an SVG document of the size of `ground`; `title` names it for screen readers. */
function drawnIn(stage: HTMLElement, ground: HTMLElement, title: string): string {
  const { scrollLeft, scrollTop } = stage;
  // In all of the diagram a frame's title, which else stays in sight, stands where its frame begins. None of it is painted so.
  if (ground !== stage) stage.scrollTo({ left: 0, top: 0, behavior: "instant" });
  const { x, y } = ground.getBoundingClientRect();
  const frame = new DOMRect(x, y, ground.clientWidth, ground.clientHeight);
  const picture = paperOf(frame.width, frame.height, title);
  const above: Element[] = [];
  for (const child of stage.children) draw(picture, child, frame, frame, above);
  // What stands over the rest on the page comes last, as the heads do, which lines run behind.
  picture.append(...above);
  stage.scrollTo({ left: scrollLeft, top: scrollTop, behavior: "instant" });
  return writtenDown(picture);
}

/** Draws an element and all in it into a picture of `frame`; `clip` is what is seen of it, `above` is what comes over all the rest. */
function draw(picture: Element, original: Element, frame: DOMRect, clip: DOMRect, above: Element[]): void {
  const style = getComputedStyle(original);
  if (style.display === "none" || style.visibility === "hidden" || original.matches("[data-unpictured], .visually-hidden")) return;
  if (picture.localName === "svg" && Number(style.zIndex) > 0) above.push((picture = element("g", {})));
  const box = original.getBoundingClientRect();
  if (original instanceof SVGSVGElement) drawing(picture, original, box, frame);
  else if (original instanceof HTMLCanvasElement) {
    if (meets(box, frame)) pixels(picture, original, box, frame);
  } else {
    if (box.width > 0 && meets(box, frame)) boxOf(picture, style, original.matches("button:hover"), box, frame);
    const within = /hidden|clip/.test(style.overflow) ? box : clip;
    for (const child of original.childNodes) {
      if (child instanceof Element) draw(picture, child, frame, within, above);
      else if (child instanceof Text && child.data.trim() !== "") words(picture, child, style, frame, within);
    }
  }
}

const meets = (a: DOMRect, b: DOMRect): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** The ground and the line around a box. A button's ground under the pointer is none of the picture's: that is paper, where there is a line around. */
function boxOf(picture: Element, style: CSSStyleDeclaration, pointed: boolean, box: DOMRect, frame: DOMRect): void {
  const line = Number.parseFloat(style.borderTopWidth);
  const lined = line > 0 && style.borderTopStyle !== "none" && style.borderLeftStyle !== "none" && !CLEAR.test(style.borderTopColor);
  const ground = pointed ? (lined ? getComputedStyle(document.documentElement).backgroundColor : "transparent") : style.backgroundColor;
  const fill = CLEAR.test(ground) ? "none" : rgb(ground);
  if (fill === "none" && !lined) return;
  const shape = { x: box.left - frame.left + line / 2, y: box.top - frame.top + line / 2, width: Math.max(0, box.width - line), height: Math.max(0, box.height - line), rx: Number.parseFloat(style.borderTopLeftRadius) || 0 };
  const stroke = lined ? { stroke: rgb(style.borderTopColor), "stroke-width": line, ...(style.borderTopStyle === "dashed" && { "stroke-dasharray": "4 3" }) } : {};
  picture.append(element("rect", { ...shape, fill, ...stroke }));
}

/** A text line by line as the page breaks it, as far as it is seen. */
function words(picture: Element, text: Text, style: CSSStyleDeclaration, frame: DOMRect, clip: DOMRect): void {
  const range = document.createRange();
  const lines: { left: number; box: DOMRect; text: string[]; cut: boolean }[] = [];
  let at = 0;
  for (const character of text.data) {
    range.setStart(text, at);
    range.setEnd(text, (at += character.length));
    const box = range.getBoundingClientRect();
    const middle = box.top + box.height / 2;
    if (box.width === 0 || !meets(box, frame) || middle > clip.bottom || middle < clip.top) continue;
    const last = lines.at(-1);
    if (!last || Math.abs(last.box.top - box.top) > 2) lines.push({ left: box.left, box, text: [character], cut: false });
    else if (box.right > clip.right + 1 || box.left < clip.left - 1) last.cut = true;
    else {
      last.text.push(character);
      // What is written from right to left begins at its other end.
      last.left = Math.min(last.left, box.left);
    }
  }
  // With this mark after it, it stands where these words end.
  const ellipsis = style.direction === "rtl" ? "…\u200f" : "…";
  const worn = { "font-family": style.fontFamily, "font-size": style.fontSize, "font-weight": style.fontWeight, "font-style": style.fontStyle, fill: rgb(style.color), "dominant-baseline": "central" };
  // The paper around words that lines pass.
  const halo: Record<string, string | number> = style.textShadow === "none" ? {} : { "paint-order": "stroke", stroke: rgb(getComputedStyle(document.documentElement).backgroundColor), "stroke-width": 4, "stroke-linejoin": "round" };
  for (const { left, box, text: line, cut } of lines) {
    const written = element("text", { x: left - frame.left, y: box.top - frame.top + box.height / 2, ...worn, ...halo });
    written.textContent = cut ? line.slice(0, -2).join("") + ellipsis : line.join("").trimEnd();
    picture.append(written);
  }
}
