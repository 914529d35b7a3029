"""How much of something can be seen."""

from playwright.sync_api import Locator


def seen(part: Locator, covers: str) -> float:
    """The share of a part, 0 to 1, that is in the window and under nothing that `covers`, a selector, finds."""
    share: float = part.evaluate(
        """(part, covers) => {
          const box = part.getBoundingClientRect();
          const places = [0.05, 0.275, 0.5, 0.725, 0.95];
          let seen = 0;
          for (const down of places) for (const right of places) {
            const top = document.elementFromPoint(box.x + right * box.width, box.y + down * box.height);
            const cover = top?.closest(covers);
            if (top && (!cover || cover.contains(part) || part.contains(cover))) seen++;
          }
          return seen / places.length ** 2;
        }""",
        covers,
    )
    return share
