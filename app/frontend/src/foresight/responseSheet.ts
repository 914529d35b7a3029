/** Every neuron's response map on one canvas: a canvas of its own for each would be a layer of its own in every frame. */

export interface SheetMap {
  /** The samples' colours, (steps, steps). */
  source: CanvasImageSource;
  /** Centre, in CSS pixels. */
  x: number;
  y: number;
  /** Where the decision changes, in a square from 0 to 1 whose y grows downwards; "" where there is none. */
  boundary: string;
}

export interface SheetLook {
  width: number;
  height: number;
  /** Device pixels for each CSS pixel. */
  density: number;
  /** Length of a map's sides, in CSS pixels. */
  side: number;
  steps: number;
  /** Where the inputs are: fractions of the sides, from the left and from below. */
  point: readonly [number, number];
  ink: string;
  paper: string;
}

const CORNER_PIXELS = 2;
const POINT_RADIUS = 2.75;
const BOUNDARY = { halo: 2.5, line: 1 };

/** Draws all maps anew. */
export function drawSheet(canvas: HTMLCanvasElement, maps: readonly SheetMap[], look: SheetLook): void {
  const { width, height, density } = look;
  const [across, down] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  const context = canvas.getContext("2d")!;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, across, down);
  for (const map of maps) {
    context.setTransform(density, 0, 0, density, (map.x - look.side / 2) * density, (map.y - look.side / 2) * density);
    drawMap(context, map, look);
  }
}

function drawMap(context: CanvasRenderingContext2D, { source, boundary }: SheetMap, look: SheetLook): void {
  const { side, steps, ink, paper } = look;
  const square = new Path2D();
  square.roundRect(0, 0, side, side, CORNER_PIXELS);
  context.save();
  context.clip(square);
  // The middle of each pixel stands on its sample: half a sample goes over every side.
  const over = side / (2 * (steps - 1));
  context.drawImage(source, -over, -over, side + 2 * over, side + 2 * over);
  context.restore();
  context.lineCap = "round";
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.globalAlpha = 0.3;
  context.stroke(square);
  if (boundary) drawBoundary(context, boundary, look);
  context.globalAlpha = 1;
  const point = new Path2D();
  point.arc(look.point[0] * side, (1 - look.point[1]) * side, POINT_RADIUS, 0, 2 * Math.PI);
  context.fillStyle = paper;
  context.fill(point);
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  context.stroke(point);
}

function drawBoundary(context: CanvasRenderingContext2D, boundary: string, { side, ink, paper }: SheetLook): void {
  const line = new Path2D();
  line.addPath(new Path2D(boundary), new DOMMatrix([side, 0, 0, side, 0, 0]));
  context.globalAlpha = 0.6;
  context.strokeStyle = paper;
  context.lineWidth = BOUNDARY.halo;
  context.stroke(line);
  context.globalAlpha = 1;
  context.strokeStyle = ink;
  context.lineWidth = BOUNDARY.line;
  context.stroke(line);
}
