/** What diagram, inspector and edits of a network need only now and then. */
export * from "../building/verbs";
export { passOf, termsOf } from "../compare/asking";
export { default as Responses } from "../foresight/Responses.svelte";
export { default as ResponseView } from "../foresight/ResponseView.svelte";
export { default as About } from "../inputs/About.svelte";
export { default as LayerMenu } from "../diagram/LayerMenu.svelte";
export { default as EdgeView } from "../inspector/EdgeView.svelte";
export { default as InputView } from "../inspector/InputView.svelte";
export { default as Shares } from "../inspector/Shares.svelte";
export * as whyNaN from "../studio/whyNaN";
export { reshape } from "../live/reshape";
export { default as Lit } from "../playback/Lit.svelte";
