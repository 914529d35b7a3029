/** Whether a canvas is written as it was painted: browsers that guard against being recognised make another picture of it. */

const COLOUR: readonly number[] = [27, 90, 176];
/** Some only shake each pixel a little, which nobody sees. */
const UNSEEN = 4;
const SIGNATURE_BYTES = 8;

/** Paints one pixel and reads it from the PNG that comes of it. */
export async function isWrittenAsPainted(document: Document): Promise<boolean> {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d");
  if (!context) return false;
  context.fillStyle = `rgb(${COLOUR.join(" ")})`;
  context.fillRect(0, 0, 1, 1);
  const png = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!png) return false;
  const pixel = await onlyPixel(new Uint8Array(await png.arrayBuffer()));
  return COLOUR.every((part, k) => Math.abs((pixel[k] ?? NaN) - part) <= UNSEEN);
}

/** Red, green, blue of a PNG of one pixel: the first of its line, which no filter of PNG's changes, after the filter's own byte. */
export async function onlyPixel(png: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  // Some write even one pixel in several parts.
  const packed: Uint8Array<ArrayBuffer>[] = [];
  for (let at = SIGNATURE_BYTES; at + 12 <= png.length; at += view.getUint32(at) + 12) {
    const kind = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (kind === "IDAT") packed.push(png.slice(at + 8, at + 8 + view.getUint32(at)));
  }
  if (packed.length === 0) return new Uint8Array();
  const line = new Blob(packed).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(line).arrayBuffer()).subarray(1, 4);
}
