/** Where an answer in JSON has null for a number that is not finite, and which one it is. */
export interface NonFinite {
  readonly non_finite: readonly { readonly pointer: string; readonly value: string }[];
  /** How many more there are than were listed. */
  readonly non_finite_omitted?: number;
}

/** The answer with these numbers in their places. */
export function withNonFinite<Answer extends NonFinite>(answer: Answer): Answer {
  for (const { pointer, value } of answer.non_finite) {
    const path = pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    let within = answer as unknown as Record<string, unknown>;
    for (const step of path.slice(0, -1)) within = within[step] as Record<string, unknown>;
    within[path.at(-1)!] = Number(value);
  }
  return answer;
}
