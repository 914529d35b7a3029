/**
 * Runs before anything is painted, as a plain script that imports nothing: the page's text lists the numbers of one network, and
 * those must not stand there, be it for a moment, where the address or an earlier visit names another.
 */
{
  // As in share/handover.ts and share/autosave.ts.
  const holds = (name: "sessionStorage" | "localStorage", key: string): boolean => {
    try {
      return (window[name] as Storage | null)?.getItem(key) != null;
    } catch {
      return false;
    }
  };
  const preset = new URLSearchParams(location.search).has("preset");
  const another =
    location.hash.length > 1 || holds("sessionStorage", "adelante.handover") || (!preset && holds("localStorage", "adelante.scene.v1"));
  if (!another) document.documentElement.classList.add("own-numbers");

  // Of a network of any kind every number comes by the socket: that opens while the page's scripts are on their way.
  const live = document.currentScript?.dataset["live"];
  if (live) window.openedEarly = new WebSocket(`ws${location.protocol.slice(4)}//${location.host}${live}`);

  // The same place in a tab of its own, with the network that only the browser knows.
  document.addEventListener("DOMContentLoaded", () => {
    for (const link of document.querySelectorAll<HTMLAnchorElement>("a.alone")) [link.search, link.hash] = [location.search, location.hash];
  });
}
