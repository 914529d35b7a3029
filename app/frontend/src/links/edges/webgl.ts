/**
 * Edges by a graphics card: an instance each, depths of ink added up in a texture that is kept, in slices that leave the card to the
 * page between them. One context draws for all links, and each picture is copied to its link's own canvas.
 */
import type { Bundle, Ink } from "./bundle";
import { numbersOf, programOf, setNumber, targetOf, type Target } from "./gl";
import type { Frame, Palette } from "./raster";
import { CORNERS, EDGE_FRAGMENT, EDGE_VERTEX, PICTURE_FRAGMENT, PICTURE_VERTEX } from "./shaders";

/** What a slice may take of the card's time; slices grow and shrink towards it. */
const SLICE_MS = 24;
const FIRST_SLICE = 500;
/** A card that takes longer for an edge, in milliseconds, is slower than the processor alone. */
const SLOW_EDGE_MS = 0.03;
/** What browsers call a card that is none. */
const NO_CARD = /swiftshader|llvmpipe|softpipe|software|basic render/i;

interface Kept {
  readonly bundle: Bundle;
  readonly ink: Ink;
  readonly frame: Frame;
  readonly target: Target;
  readonly weights: WebGLTexture;
  readonly sources: WebGLTexture;
  readonly targets: WebGLTexture;
  palette: Palette;
  /** The edges that are drawn, in their order. */
  drawn: number;
}

type Show = (link: number, source: HTMLCanvasElement, width: number, height: number) => void;

export class EdgeCard {
  readonly canvas = document.createElement("canvas");
  readonly #gl: WebGL2RenderingContext;
  readonly #format: number;
  readonly #edge: WebGLProgram;
  readonly #picture: WebGLProgram;
  readonly #show: Show;
  readonly #tooSlow: () => void;
  readonly #links = new Map<number, Kept>();
  #slice = FIRST_SLICE;
  #busy = false;

  /** Throws where there is no such context; `slow` takes one that the processor works for, too. */
  constructor(show: Show, lost: () => void, slow = false) {
    const gl = this.canvas.getContext("webgl2", { failIfMajorPerformanceCaveat: !slow, antialias: false, depth: false });
    if (!gl?.getExtension("EXT_color_buffer_float")) throw new Error("no WebGL2 that adds up");
    const named = gl.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER;
    if (!slow && NO_CARD.test(String(gl.getParameter(named)))) throw new Error("no card");
    this.#gl = gl;
    this.#show = show;
    this.#tooSlow = slow ? () => undefined : lost;
    this.#format = gl.getExtension("EXT_float_blend") ? gl.RGBA32F : gl.RGBA16F;
    this.#edge = programOf(gl, EDGE_VERTEX, EDGE_FRAGMENT);
    this.#picture = programOf(gl, PICTURE_VERTEX, PICTURE_FRAGMENT);
    this.canvas.addEventListener("webglcontextlost", lost, { once: true });
  }

  paint(link: number, bundle: Bundle, ink: Ink, frame: Frame, palette: Palette): void {
    this.forget(link);
    const gl = this.#gl;
    const { density } = frame;
    const across = bundle.flow === "right" ? frame.y : frame.x;
    const placed = (places: Float32Array): WebGLTexture => numbersOf(gl, places.map((place) => (place - across) * density));
    const [width, height] = [frame.width, frame.height].map((length) => Math.max(1, Math.round(length * density)));
    this.#links.set(link, {
      bundle, ink, frame, palette, drawn: 0,
      target: targetOf(gl, this.#format, width!, height!),
      weights: numbersOf(gl, bundle.weights),
      sources: placed(bundle.sources),
      targets: placed(bundle.targets),
    });
    if (!this.#busy) void this.#work();
  }

  change(link: number, from: number, to: number, weight: number): void {
    const kept = this.#links.get(link);
    if (!kept) return;
    const edge = from * kept.bundle.targets.length + to;
    const stands = edge < kept.drawn;
    if (stands) this.#layDown(kept, edge, 1, -1);
    kept.bundle.weights[edge] = weight;
    setNumber(this.#gl, kept.weights, edge, weight);
    if (!stands) return;
    this.#layDown(kept, edge, 1, 1);
    if (kept.drawn === kept.bundle.weights.length) this.#shown(link, kept);
  }

  colour(link: number, palette: Palette): void {
    const kept = this.#links.get(link);
    if (!kept) return;
    kept.palette = palette;
    if (kept.drawn === kept.bundle.weights.length) this.#shown(link, kept);
  }

  forget(link: number): void {
    const kept = this.#links.get(link);
    if (!kept) return;
    this.#links.delete(link);
    for (const texture of [kept.weights, kept.sources, kept.targets, kept.target.texture]) this.#gl.deleteTexture(texture);
    this.#gl.deleteFramebuffer(kept.target.frame);
  }

  close(): void {
    for (const link of [...this.#links.keys()]) this.forget(link);
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (;;) {
      const next = [...this.#links].find(([, { drawn, bundle }]) => drawn < bundle.weights.length);
      if (!next || this.#gl.isContextLost()) break;
      const [link, kept] = next;
      const count = Math.min(this.#slice, kept.bundle.weights.length - kept.drawn);
      const began = performance.now();
      this.#layDown(kept, kept.drawn, count, 1);
      kept.drawn += count;
      await this.#finished();
      const spent = Math.max(1, performance.now() - began);
      if (count >= FIRST_SLICE && spent > count * SLOW_EDGE_MS) this.#tooSlow();
      this.#slice = Math.round(Math.min(4 * count, Math.max(64, (count * SLICE_MS) / spent)));
      if (kept.drawn === kept.bundle.weights.length && this.#links.get(link) === kept) this.#shown(link, kept);
    }
    this.#busy = false;
  }

  /** Draws so many edges from one on. */
  #layDown(kept: Kept, edge: number, count: number, laid: number): void {
    const { bundle, ink, frame, target } = kept;
    const gl = this.#gl;
    const program = this.#edge;
    const along = bundle.flow === "right" ? frame.x : frame.y;
    const place = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
    gl.useProgram(program);
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
    gl.viewport(0, 0, target.width, target.height);
    for (const [unit, name] of (["weights", "sources", "targets"] as const).entries()) {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, kept[name]);
      gl.uniform1i(place(name), unit);
    }
    gl.activeTexture(gl.TEXTURE0);
    gl.uniform1i(place("wide"), bundle.targets.length);
    gl.uniform1i(place("base"), edge);
    gl.uniform1i(place("down"), bundle.flow === "down" ? 1 : 0);
    gl.uniform2f(place("ends"), (bundle.start - along) * frame.density, (bundle.end - along) * frame.density);
    gl.uniform2f(place("size"), target.width, target.height);
    gl.uniform4f(place("ink"), ink.alone, ink.steep, ink.power, frame.density);
    gl.uniform1f(place("scale"), bundle.scale);
    gl.uniform1f(place("laid"), laid);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, CORNERS, count);
  }

  #shown(link: number, kept: Kept): void {
    const { target, palette } = kept;
    const gl = this.#gl;
    if (this.canvas.width !== target.width || this.canvas.height !== target.height) {
      Object.assign(this.canvas, { width: target.width, height: target.height });
    }
    gl.useProgram(this.#picture);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, target.width, target.height);
    gl.disable(gl.BLEND);
    gl.bindTexture(gl.TEXTURE_2D, target.texture);
    gl.uniform1i(gl.getUniformLocation(this.#picture, "depths"), 0);
    const inks = [palette.positive, palette.negative, palette.zero].flatMap((ink) => ink.map((part) => part / 255));
    gl.uniformMatrix3fv(gl.getUniformLocation(this.#picture, "inks"), false, inks);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    this.#show(link, this.canvas, target.width, target.height);
  }

  /** Waits, without holding anything back, until the card is done. */
  async #finished(): Promise<void> {
    const gl = this.#gl;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    if (!fence) return;
    while (!gl.isContextLost() && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) {
      await new Promise((done) => setTimeout(done, 4));
    }
    gl.deleteSync(fence);
  }
}
