import type { Explained } from "./decode";

/** What each form's view is given: a step of the chain, and the steps around it. */
export interface FormProps {
  explained: Explained;
  /** The step before it, which it goes on with; null where it stands by itself. */
  before?: Explained | null;
  /** The step after it that makes something of it, such as an activation. */
  next?: Explained | null;
  /** Whether it is only the way to what was asked for: then its terms are folded. */
  brief?: boolean;
}
