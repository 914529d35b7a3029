/** All that changes a network's shape, or all of its numbers. */
export { addLayer } from "./addLayer";
export { addNeuron } from "./addNeuron";
export { moveLayer } from "./moveLayer";
export { randomise } from "./randomise";
export { removeLayer } from "./removeLayer";
export { removeNeuron } from "./removeNeuron";
