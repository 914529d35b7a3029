/** The tour's stops in order: the part of the page that each one speaks of. */
export const STOPS: readonly { name: string; selector: string }[] = [
  { name: "inputs", selector: "section.inputs" },
  { name: "diagram", selector: "[data-stage]" },
  { name: "inspector", selector: "section.inspector" },
  { name: "playback", selector: "[data-playback]" },
  { name: "tools", selector: "section.tools" },
  { name: "course", selector: "a.course" },
];
