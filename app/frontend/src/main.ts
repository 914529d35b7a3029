import { mountApp } from "./mountApp";
import { start } from "./start";

/** The page of dense networks, and any whose network is not known before it asks. */
await start({
  dense: async () => mountApp,
  world: async () => (await import("./world/mountWorld")).mountWorld,
  stored: async () => (await import("./share/openStored")).openStored,
});
