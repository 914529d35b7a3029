import type { History } from "../model/history";
import type { StudioState } from "../model/types";
import type { Scene } from "../share/scene";

/**
 * A scene that was there before the page was: in its address, or kept by the browser. `key`: how the history says so, where
 * it is not the scene's own history that goes on.
 */
export interface Arrival {
  scene: Scene;
  key: string;
  values?: Record<string, string>;
  history?: History<StudioState>;
}
