import { storageOf } from "./studio/storage";

/**
 * The API key, where the server asks for one: this tab keeps it, and forgets it when it is closed. The dialog stands in the page as the
 * server sends it, there alone where keys are asked for at all.
 */

const NAME = "adelante.key";
const SUBPROTOCOL = "adelante";

const page = globalThis.document as Document | undefined;
const dialog = page?.querySelector<HTMLDialogElement>("dialog.key") ?? null;
const kept = dialog && storageOf(window, "sessionStorage");
/** Where nothing can be kept, as long as the page lasts. */
let passing: string | null = null;

const current = (): string | null => (kept ? (kept.getItem(NAME) ?? passing) : null);

/** What a request has to say, and what to do when the server asks it for a key. */
export interface Presented {
  /** Nothing where there is no key. */
  headers: Record<string, string>;
  /** Asks for another key, unless one was entered while the request was on its way: that one was never refused. */
  refused(): void;
}

/** The key for one request. */
export function present(): Presented {
  const key = current();
  return {
    headers: key === null ? {} : { Authorization: `Bearer ${key}` },
    refused: () => {
      if (key === current()) askForKey();
    },
  };
}

/** What a socket offers: a page can't set its headers. */
export function keyProtocols(): string[] {
  const key = current();
  return key === null ? [] : [SUBPROTOCOL, `${SUBPROTOCOL}.key.${key}`];
}

/** As fetch, with the key; where the server asks for one, so does the page. */
export async function fetchWithKey(address: string, init: RequestInit = {}): Promise<Response> {
  const { headers, refused } = present();
  const answer = await fetch(address, { ...init, headers: { ...(init.headers as Record<string, string> | undefined), ...headers } });
  if (answer.status === 401) refused();
  return answer;
}

/** Opens the dialog, once. A key that was given and did not do is forgotten. */
function askForKey(): void {
  if (!dialog || dialog.open) return;
  const refused = current() !== null;
  forget();
  dialog.querySelector<HTMLElement>(".refused")!.hidden = !refused;
  dialog.showModal();
}

function forget(): void {
  kept?.removeItem(NAME);
  passing = null;
}

function take(key: string): void {
  passing = key;
  try {
    kept!.setItem(NAME, key);
  } catch {
    // No room: it lasts as long as the page.
  }
}

if (dialog) {
  const field = dialog.querySelector("input")!;
  dialog.querySelector("form")!.addEventListener("submit", (event) => {
    event.preventDefault();
    const key = field.value.trim();
    if (key === "") return;
    take(key);
    field.value = "";
    dialog.close();
    // Without one nothing on the page had an answer; what is in its address stays.
    if (dialog.dataset["for"] === "everything" && storageKeeps(key)) location.reload();
  });
  dialog.querySelector("button[type=button]")!.addEventListener("click", () => dialog.close());
  if (dialog.dataset["for"] === "everything" && current() === null) askForKey();
}

/** Whether the key is there after a reload too. */
function storageKeeps(key: string): boolean {
  try {
    return window.sessionStorage.getItem(NAME) === key;
  } catch {
    return false;
  }
}
