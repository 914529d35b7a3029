/** A text to give to others, and what it is. */
export interface Shared {
  label: string;
  text: string;
}
