/** The marks that the catalogs' sentences may carry. */
const MARKS = new Set(["CODE", "I", "SUB", "SUP"]);

/** A sentence of the catalogs as nodes: its marks become elements, anything else stays text. No attribute is taken over. */
export function formatted(text: string): DocumentFragment {
  return copied(new DOMParser().parseFromString(text, "text/html").body);
}

function copied(from: Node): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const node of from.childNodes) {
    if (!(node instanceof Element)) {
      fragment.append(node.textContent ?? "");
    } else if (MARKS.has(node.tagName)) {
      const mark = document.createElement(node.tagName);
      // A browser that translates leaves code alone.
      if (node.tagName === "CODE") mark.translate = false;
      mark.append(copied(node));
      fragment.append(mark);
    } else {
      fragment.append(node.textContent ?? "");
    }
  }
  return fragment;
}
