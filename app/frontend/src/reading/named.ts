/** Which arrays of a file are inputs and which say what is right for them, by what people call them. */

const INPUTS = ["inputs", "x", "images", "data", "features", "arr_0"];
const RIGHT = ["targets", "y", "labels", "target", "label", "arr_1"];
/** Part of a data set, before the name or after it; what a network did not see comes first. */
const PARTS = ["", "test", "val", "valid", "validation", "train"];
const PART = PARTS.slice(1).join("|");
const NAME = new RegExp(`^(?:(${PART})_)?(.+?)(?:_(${PART}))?$`);

interface Named {
  readonly inputs: string;
  /** Those of the same part that may say what is right for them, the likeliest first. */
  readonly right: readonly string[];
}

/** The arrays whose names are usual ones of inputs, the likeliest first. Capitals make no difference. */
export function namedIn(names: Iterable<string>): Named[] {
  const all = [...names].map((name) => {
    const [, before, bare = "", after] = NAME.exec(name.toLowerCase()) ?? [];
    return { name, bare, part: before ?? after ?? "" };
  });
  const ranked = (usual: readonly string[]): typeof all =>
    all.filter(({ bare }) => usual.includes(bare)).sort((a, b) => PARTS.indexOf(a.part) - PARTS.indexOf(b.part) || usual.indexOf(a.bare) - usual.indexOf(b.bare));
  const right = ranked(RIGHT);
  return ranked(INPUTS).map(({ name, bare, part }) => ({
    inputs: name,
    right: right.filter((each) => each.part === part && (each.bare === "arr_1") === (bare === "arr_0")).map((each) => each.name),
  }));
}
