import { createContext } from "svelte";

export const [getOpenTool, setOpenTool] = createContext<OpenTool>();

/** Which tool below the diagram is open: its tabs and the page's header open the same. */
export class OpenTool {
  /** null: only the tabs are there. */
  name = $state<string | null>(null);

  toggle(name: string): void {
    this.name = this.name === name ? null : name;
  }
}
