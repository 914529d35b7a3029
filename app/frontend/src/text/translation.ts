/**
 * A browser that translates the page takes each text out and puts <font> elements with other words in its place, while Svelte goes
 * on writing to the text that it knows. Here that text comes back, empty, before its translation: it is written to and taken away
 * as ever, and a new text or none ends the translation. Numbers, formulas, code and drawings are no words: there it comes back as it was.
 */
export function bearTranslation(root: Element): () => void {
  const translations = new Map<Text, { font: Element; original: string }>();

  const structure = new MutationObserver((records) => {
    const known = new Set([...translations.values()].map(({ font }) => font));
    const fresh = new Set(records.flatMap(({ addedNodes }) => [...addedNodes].filter(isFont)).filter((font) => !known.has(font)));
    for (const record of records) {
      if (isFont(record.target)) continue;
      const gone = [...record.removedNodes];
      for (const text of gone) {
        if (!(text instanceof Text) || translations.has(text)) continue;
        const font = [...record.addedNodes, record.previousSibling, record.nextSibling].find((node) => isFont(node) && fresh.has(node));
        if (font) replaced(text, font as Element);
      }
      for (const [text, { font }] of translations) if (gone.includes(text) || gone.includes(font)) follow(text, record);
    }
    structure.takeRecords();
  });

  const contents = new MutationObserver((records) => {
    for (const { target } of records) if ((target as Text).data !== "") end(target as Text);
    structure.takeRecords();
  });

  function replaced(text: Text, font: Element): void {
    if (!font.parentElement) return;
    // Some move the text into their own element.
    if (font.contains(text)) text.replaceWith(text.cloneNode());
    if (isNoWord(font.parentElement)) {
      font.replaceWith(text);
      return;
    }
    font.before(text);
    translations.set(text, { font, original: text.data });
    text.data = "";
    contents.observe(text, { characterData: true });
  }

  /** The page took a text away or moved it, or the translator took back what it had put there. */
  function follow(text: Text, { addedNodes }: MutationRecord): void {
    const { font, original } = translations.get(text)!;
    if (!text.isConnected) {
      end(text);
    } else if (font.isConnected) {
      text.after(font);
    } else {
      translations.delete(text);
      text.data = original;
      for (const node of addedNodes) if (node instanceof Text && node !== text && node.data === original) node.remove();
    }
  }

  function end(text: Text): void {
    translations.get(text)?.font.remove();
    translations.delete(text);
  }

  structure.observe(root, { childList: true, subtree: true });
  return () => {
    structure.disconnect();
    contents.disconnect();
  };
}

const isFont = (node: Node | null): node is HTMLElement => node instanceof HTMLElement && node.localName === "font";

const isNoWord = (parent: Element): boolean => !(parent instanceof HTMLElement) || parent.closest("[translate=no]") !== null;
