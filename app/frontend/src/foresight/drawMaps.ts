/** Every neuron's response map on one canvas: a canvas of its own for each would be a layer of its own in every frame. */

export interface SheetMap {
  /** The samples' colours, (steps, steps). */
  source: CanvasImageSource;
  /** Centre, in CSS pixels. */
  x: number;
  y: number;
  /** Length of its sides, in CSS pixels. */
  side: number;
  /** Where the decision changes, in a square from 0 to 1 whose y grows downwards; "" where there is none. */
  boundary: string;
}

export interface SheetLook {
  width: number;
  height: number;
  /** Device pixels for each CSS pixel. */
  density: number;
  steps: number;
  ink: string;
  paper: string;
}

const BOUNDARY = { halo: 2.5, line: 1 };

/** Draws all maps anew. */
export function drawMaps(canvas: HTMLCanvasElement, maps: readonly SheetMap[], look: SheetLook): void {
  const context = cleared(canvas, look);
  const { steps, ink } = look;
  const frames = new Path2D();
  for (const { source, x, y, side } of maps) {
    // The middle of each pixel stands on its sample: half a sample goes over every side.
    context.drawImage(source, 0.5, 0.5, steps - 1, steps - 1, x - side / 2, y - side / 2, side, side);
    frames.rect(x - side / 2, y - side / 2, side, side);
  }
  context.strokeStyle = ink;
  context.globalAlpha = 0.3;
  context.stroke(frames);
  for (const map of maps) if (map.boundary) drawBoundary(context, map, look);
}

function cleared(canvas: HTMLCanvasElement, { width, height, density }: SheetLook): CanvasRenderingContext2D {
  const [across, down] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  const context = canvas.getContext("2d")!;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, across, down);
  context.setTransform(density, 0, 0, density, 0, 0);
  context.globalAlpha = 1;
  context.lineWidth = 1;
  return context;
}

function drawBoundary(context: CanvasRenderingContext2D, { x, y, side, boundary }: SheetMap, { ink, paper }: SheetLook): void {
  context.lineCap = "round";
  const line = new Path2D();
  line.addPath(new Path2D(boundary), new DOMMatrix([side, 0, 0, side, x - side / 2, y - side / 2]));
  context.globalAlpha = 0.6;
  context.strokeStyle = paper;
  context.lineWidth = BOUNDARY.halo;
  context.stroke(line);
  context.globalAlpha = 1;
  context.strokeStyle = ink;
  context.lineWidth = BOUNDARY.line;
  context.stroke(line);
}
