/** Whether the browser has panels of its own over the page: Chrome since 114, Firefox since 125, Safari since 17. */
export const hasPopover = "popover" in HTMLElement.prototype;

/** Whether a panel is open that Escape closes before anything behind it. */
export const panelIsOpen = (document: Document): boolean => document.querySelector("[data-panel=open]") !== null;
