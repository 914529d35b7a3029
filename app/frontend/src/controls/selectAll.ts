/**
 * Selects all of a field once the focus comes to it, so that what is typed takes the old text's place; not while `when` says no.
 * WebKit puts the caret where the button goes up, after the focus has come: the first time it does not.
 */
export function selectAll(field: HTMLInputElement, when: () => boolean = () => true): () => void {
  let fresh = false;
  const ends = new AbortController();
  const { signal } = ends;
  field.addEventListener("mousedown", () => (fresh = false), { signal });
  field.addEventListener(
    "focus",
    () => {
      if (!when()) return;
      field.select();
      fresh = true;
    },
    { signal },
  );
  field.addEventListener(
    "mouseup",
    (event) => {
      if (fresh) event.preventDefault();
      fresh = false;
    },
    { signal },
  );
  return () => ends.abort();
}
