/** What Svelte's types leave out: a drawing, too, says that its texts are no words. */
import "svelte/elements";

declare module "svelte/elements" {
  interface SVGAttributes<T> {
    translate?: "yes" | "no";
  }
}
