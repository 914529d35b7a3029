import { fetchPreset, stateOfPreset } from "../studio/data";
import { openedPreset } from "../studio/network.svelte";
import type { Notices } from "../studio/notices.svelte";
import { reasonOf } from "../studio/reach";
import type { Steps } from "../studio/steps.svelte";
import type { Translate } from "../text/messages";

interface Given {
  language: string;
  t: Translate;
  steps: Steps;
  notices: Notices;
}

export async function openPreset({ language, t, steps, notices }: Given, name: string): Promise<void> {
  try {
    steps.replace(stateOfPreset(await fetchPreset(name, language)), openedPreset(name));
  } catch (error) {
    notices.problem = t("studio.preset-failed", { reason: reasonOf(error, t) });
  }
}
