/**
 * What a file is, told by its content: a download is often called "model" or "data.txt". Its name is asked for one thing: text that
 * is called as networks are is no table of inputs. It stands in place of one, as what Git LFS keeps, and the server says so.
 */

export type Kind = "safetensors" | "json" | "text" | "utf-16" | "npy" | "zip" | "picture" | "other";

/** So much of a file tells what it is. */
export const HEAD_BYTES = 4096;

/** How PNG and JPEG begin. */
const PICTURES = [
  [0x89, 0x50, 0x4e, 0x47],
  [0xff, 0xd8, 0xff],
];

const begins = (head: Uint8Array, ...bytes: readonly number[]): boolean => bytes.every((byte, k) => head[k] === byte);

const NETWORKS = /\.(onnx|pt2?|pth|safetensors)$/i;

export function kindOf(head: Uint8Array, name = ""): Kind {
  // A header's length in eight bytes, the upper ones zero, then the header.
  if (head[8] === 0x7b && head[6] === 0 && head[7] === 0) return "safetensors";
  if (begins(head, 0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)) return "npy";
  if (begins(head, 0x50, 0x4b, 3, 4)) return "zip";
  if (PICTURES.some((beginning) => begins(head, ...beginning))) return "picture";
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return "utf-16";
  if (head.length > 1 && (head[0] === 0) !== (head[1] === 0)) return "utf-16";
  if (head.includes(0)) return "other";
  let text: string;
  try {
    // A character may be cut at the end: that is no fault of the text.
    text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
  } catch {
    return "other";
  }
  if (/[\u0001-\u0008\u000e-\u001f]/.test(text)) return "other";
  if (text.trimStart().startsWith("{")) return "json";
  return NETWORKS.test(name) ? "other" : "text";
}
