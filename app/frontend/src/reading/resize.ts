/** Scaling as Pillow does by default (bicubic, over all pixels that a smaller one stands for), so that page and command line agree. */

const SUPPORT = 2;

function bicubic(x: number): number {
  const away = Math.abs(x);
  if (away < 1) return (1.5 * away - 2.5) * away * away + 1;
  return away < 2 ? ((-0.5 * away + 2.5) * away - 4) * away + 2 : 0;
}

/** A channel of bytes, `width` by `height`, in another size. */
export function resized(channel: Uint8Array, width: number, height: number, toWidth: number, toHeight: number): Uint8Array {
  const across = along(channel, width, toWidth, height, (line, at) => line * width + at, (line, at) => line * toWidth + at);
  return along(across, height, toHeight, toWidth, (line, at) => at * toWidth + line, (line, at) => at * toWidth + line);
}

type Place = (line: number, at: number) => number;

/** Each of so many lines from one length to another. */
function along(from: Uint8Array, length: number, to: number, lines: number, read: Place, write: Place): Uint8Array {
  if (length === to) return from;
  const found = new Uint8Array(to * lines);
  const scale = length / to;
  const wide = Math.max(scale, 1);
  for (let at = 0; at < to; at++) {
    const centre = (at + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - SUPPORT * wide + 0.5));
    const last = Math.min(length, Math.floor(centre + SUPPORT * wide + 0.5));
    const shares = Array.from({ length: last - first }, (_, k) => bicubic((first + k - centre + 0.5) / wide));
    const whole = shares.reduce((all, share) => all + share, 0);
    for (let line = 0; line < lines; line++) {
      let sum = 0;
      for (let k = 0; k < shares.length; k++) sum += from[read(line, first + k)]! * shares[k]!;
      found[write(line, at)] = Math.max(0, Math.min(255, Math.floor(sum / whole + 0.5)));
    }
  }
  return found;
}
