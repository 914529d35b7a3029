/** The little of WebGL2 that the drawing of edges needs. */

export function programOf(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    // It goes with its program.
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(program) ?? "");
  return program;
}

/** Numbers as a texture of rows of `ROW`, which shaders read by their place. */
export const ROW = 2048;

export function numbersOf(gl: WebGL2RenderingContext, numbers: Float32Array): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  const rows = Math.floor(numbers.length / ROW);
  const left = numbers.length % ROW;
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32F, ROW, Math.max(1, rows + (left ? 1 : 0)));
  if (rows) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, ROW, rows, gl.RED, gl.FLOAT, numbers);
  if (left) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, rows, left, 1, gl.RED, gl.FLOAT, numbers, rows * ROW);
  nearest(gl);
  return texture;
}

/** Another number at one place of such a texture. */
export function setNumber(gl: WebGL2RenderingContext, texture: WebGLTexture, place: number, number: number): void {
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texSubImage2D(gl.TEXTURE_2D, 0, place % ROW, Math.floor(place / ROW), 1, 1, gl.RED, gl.FLOAT, new Float32Array([number]));
}

export interface Target {
  readonly texture: WebGLTexture;
  readonly frame: WebGLFramebuffer;
  readonly width: number;
  readonly height: number;
}

/** A picture of depths that are added up. */
export function targetOf(gl: WebGL2RenderingContext, format: number, width: number, height: number): Target {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
  nearest(gl);
  const frame = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  gl.clearColor(0, 0, 0, 0);
  gl.clear(gl.COLOR_BUFFER_BIT);
  return { texture, frame, width, height };
}

function nearest(gl: WebGL2RenderingContext): void {
  for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
}
