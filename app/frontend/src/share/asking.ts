import { listed } from "../reading/words";
import type { Notices } from "../studio/notices.svelte";
import { NoAnswer, Refused } from "../studio/reach";
import type { Translate } from "../text/messages";
import type { Choices } from "./keptFiles";
import type { Opened } from "./opened.svelte";
import { placed } from "./placed";
import { Stopped, type Watched } from "./sending";

interface Told {
  t: Translate;
  notices: Notices;
}

/**
 * Opens a file that was chosen or dropped. What it leaves open is asked, and it is opened anew with the answer; where the line broke
 * it can be sent again; why it is refused is said. What was said before, as of a file that was refused, is old.
 */
export async function openAsked(told: Told, opened: Opened, file: File, open: (choices: Choices) => Promise<void>, choices: Choices = {}): Promise<void> {
  told.notices.clear();
  opened.begin(file.name);
  try {
    await open(choices);
  } catch (error) {
    if (error instanceof Stopped) return;
    if (error instanceof Refused && error.choices.length > 0) {
      const answer = (more: Choices): void => void openAsked(told, opened, file, open, { ...choices, ...more });
      opened.asked = { name: file.name, questions: error.choices, answer };
      return;
    }
    if (error instanceof NoAnswer) opened.again = () => void openAsked(told, opened, file, open, choices);
    told.notices.problem = told.t("studio.open-failed", { name: file.name, reason: placed(error, told.t) });
  } finally {
    opened.sending = null;
    opened.stop = null;
  }
}

/** What tells how far the file is that is sent now, and stops it when it is asked to. */
export function followed(opened: Opened): Watched {
  const ends = new AbortController();
  opened.sending = opened.name;
  opened.sent = 0;
  opened.broken = false;
  opened.stop = () => ends.abort();
  const onshare = (share: number): void => {
    opened.sent = share;
    opened.broken = false;
  };
  return { signal: ends.signal, onshare, onbreak: () => (opened.broken = true) };
}

/** Why several files are not opened. */
export const oneAtATime = (files: readonly File[], t: Translate): string => t("studio.one-file", { names: listed(files.map(({ name }) => name)) });
