/** Files that came together: one, or a model and the file of its numbers, as torch writes net.onnx and net.onnx.data. */

export interface Given {
  file: File;
  beside: File | null;
}

const MODEL = /\.onnx$/i;

/** What the files are to one another; null where they are several that have nothing to do with each other. */
export function together(files: readonly File[]): Given | null {
  const [file, other, ...more] = files;
  if (!file || more.length > 0) return null;
  if (!other) return { file, beside: null };
  // One of them is the model; the other one may be called anything.
  if (MODEL.test(file.name) === MODEL.test(other.name)) return null;
  return MODEL.test(file.name) ? { file, beside: other } : { file: other, beside: file };
}

interface Form {
  type: string;
  body: Blob;
}

const forms = new WeakMap<File, Form>();

/** Both as the body of a form. It is the same each time they are sent, so that sending goes on from where it was. */
export async function formOf(file: File, beside: File): Promise<Form> {
  const before = forms.get(beside);
  if (before) return before;
  const form = new FormData();
  for (const each of [file, beside]) form.append("file", each, each.name);
  const request = new Response(form);
  const made = { type: request.headers.get("Content-Type") ?? "", body: await request.blob() };
  forms.set(beside, made);
  return made;
}
