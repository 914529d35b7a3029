import type { Translate } from "../text/messages";

export interface KeyGroup {
  readonly title: string;
  readonly keys: readonly (readonly [key: string, what: string])[];
}

/** Keys of sliders, of playback and of the whole page: they do the same whichever networks the page draws. */
export const commonKeys = (t: Translate): KeyGroup[] => [
  {
    title: t("studio.keys-values"),
    keys: [
      ["← →", t("studio.keys-nudge")],
      [t("studio.key-shift"), t("studio.keys-shift")],
      ["Alt", t("studio.keys-alt")],
      [t("studio.key-pages"), t("studio.keys-pages")],
    ],
  },
  {
    title: t("studio.keys-playback"),
    keys: [
      [t("studio.key-space"), t("studio.keys-play")],
      ["← →", t("studio.keys-step")],
      [t("studio.key-home-end"), t("studio.keys-ends")],
    ],
  },
  {
    title: t("studio.keys-page"),
    keys: [
      [t("studio.key-ctrl", { key: "Z" }), t("studio.undo")],
      [t("studio.key-ctrl-shift", { key: "Z" }), t("studio.redo")],
      ["?", t("studio.keys-sheet")],
    ],
  },
];
