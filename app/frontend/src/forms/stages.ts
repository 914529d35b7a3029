import type { Explained } from "./decode";

/** A step of a chain with what stands around it. */
export interface Step {
  explained: Explained;
  before: Explained | null;
  next: Explained | null;
  brief: boolean;
}

/** Steps that are told together, under one heading where there are several. */
export interface Stage {
  /** The key of its heading; null where it needs none. */
  heading: "forms.stage-score" | "forms.stage-shares" | null;
  steps: Step[];
}

const SUMS = new Set(["sum-of-products", "sum"]);

/** How a chain is told: a sum and its activation as one; a softmax with its score as two. */
export function stagesOf(chain: readonly Explained[]): Stage[] {
  const steps = chain.length > 1 ? chain.filter((step) => !isIdentity(step)) : chain;
  const last = steps.at(-1);
  if (!last) return [];
  const before = steps.slice(0, -1);
  if (last.form === "softmax" && before.length > 0) {
    return [
      { heading: "forms.stage-score", steps: before.filter(says).map((explained, k, all) => ({ explained, before: all[k - 1] ?? null, next: null, brief: true })) },
      { heading: "forms.stage-shares", steps: [{ explained: last, before: before.at(-1)!, next: null, brief: false }] },
    ];
  }
  const function_ = last.form === "function";
  return [
    {
      heading: null,
      steps: steps.map((explained, k) => ({
        explained,
        before: steps[k - 1] ?? null,
        next: function_ && SUMS.has(explained.form) ? (steps[k + 1] ?? null) : null,
        brief: last.form === "product" && k === 0 && steps.length > 1,
      })),
    },
  ];
}

/** The function that leaves its number as it is: a layer without an activation ends with its sum. */
export const isIdentity = ({ form, formula }: Pick<Explained, "form" | "formula">): boolean => form === "function" && formula === "x";

/** A mask that leaves a number as it is says nothing. */
const says = ({ form, constants }: Explained): boolean => form !== "choice" || "taken" in constants;
