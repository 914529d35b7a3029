import { openStored } from "../share/openStored";
import { start } from "../start";
import { mountWorld } from "./mountWorld";

/** The page whose address names a network of another kind than the dense chains. */
await start({
  dense: async () => (await import("../mountApp")).mountApp,
  world: async () => mountWorld,
  stored: async () => openStored,
});
