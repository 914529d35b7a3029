/** Text packed for an address: raw deflate in base64url. */

export async function pack(text: string): Promise<string> {
  const deflate = new CompressionStream("deflate-raw");
  const writer = deflate.writable.getWriter();
  void writer.write(new TextEncoder().encode(text));
  void writer.close();
  const bytes = new Uint8Array(await new Response(deflate.readable).arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The text again. Throws where it is damaged, or holds more than `most` bytes: then it was not made here. */
export async function unpack(packed: string, most: number): Promise<string> {
  const binary = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return await new Blob(chunks).text();
    size += value.byteLength;
    if (size > most) throw new RangeError("the address holds too much");
    chunks.push(value as Uint8Array<ArrayBuffer>);
  }
}

/** What a packed scene of that page begins with. */
export const WORLD_VERSION = "w1.";
/** The fragment of a scene that is too large for an address: this browser has it. */
export const HERE = "here";

export const isOfWorld = (fragment: string): boolean => /^(w1\.|here$)/.test(fragment);
