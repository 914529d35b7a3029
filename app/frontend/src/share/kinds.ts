/** What a file is, told by its content. Its name is not asked: a download is often called "model" or "data.txt". */

export type Kind = "safetensors" | "json" | "text" | "utf-16" | "other";

/** So much of a file tells what it is. */
export const HEAD_BYTES = 4096;

export function kindOf(head: Uint8Array): Kind {
  // A header's length in eight bytes, the upper ones zero, then the header.
  if (head[8] === 0x7b && head[6] === 0 && head[7] === 0) return "safetensors";
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
  return text.trimStart().startsWith("{") ? "json" : "text";
}
