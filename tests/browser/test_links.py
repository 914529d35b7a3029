"""What is drawn between bodies: edges by a graphics card, by a worker and by the page, beside their SVG."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.long import crossed

BUILD = Path(__file__).parents[2] / "app/static/build"
WIDTH, HEIGHT = 260, 500

# 300 edges from fifteen sources to twenty targets, as a canvas of the painter or as SVG.
DRAWN = """async ([painter, means]) => {
  const { Painter } = await import(painter);
  let seed = 1;
  const drawn = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const normal = () => Math.sqrt(-2 * Math.log(drawn())) * Math.cos(2 * Math.PI * drawn());
  const weights = Float32Array.from({ length: 300 }, normal);
  const spread = (count) => Float32Array.from({ length: count }, (_, k) => 10 + 480 * (k + 0.5) / count);
  const [sources, targets] = [spread(15), spread(20)];
  const host = document.createElement("div");
  host.id = "host";
  const place = { position: "fixed", inset: "0 auto auto 0", width: "260px", height: "500px" };
  Object.assign(host.style, { ...place, zIndex: 9, background: "var(--paper)" });
  document.querySelector("#host")?.remove();
  document.body.append(host);
  if (means === "svg") {
    const width = (weight) => Math.min(1 + 1.6 * Math.sqrt(Math.min(Math.abs(weight), 16)), 7) * 0.4;
    const paths = [...weights].map((weight, edge) => {
      const [a, b] = [sources[Math.floor(edge / 20)], targets[edge % 20]];
      const share = 45 + 55 * Math.abs(weight) / Math.sqrt(1 + weight * weight);
      const line = weight < 0 ? "var(--line-negative)" : "var(--line-positive)";
      const stroke = `color-mix(in oklab, ${line} ${share}%, var(--line-zero))`;
      const style = `fill:none;opacity:0.5;stroke:${stroke};stroke-width:${width(weight)}`;
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", `M0 ${a}C130 ${a} 130 ${b} 260 ${b}`);
      path.style.cssText = style + (weight < 0 ? ";stroke-dasharray:7 4" : "");
      return path;
    });
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", "260");
    svg.setAttribute("height", "500");
    svg.append(...paths);
    host.append(svg);
    return "svg";
  }
  const canvas = document.createElement("canvas");
  canvas.style.cssText = "position:absolute;width:260px;height:500px";
  host.append(canvas);
  const bundle = { flow: "right", start: 0, end: 260, sources, targets, weights, scale: 0.4 };
  window.painter = new Painter(means);
  window.shown = 0;
  await new Promise((done) => {
    const link = window.painter.join(canvas, (share) => share === 1 && (window.shown++, done()));
    window.painter.paint(link, bundle, { x: 0, y: 0, width: 260, height: 500, density: 1 });
    window.link = link;
  });
  return window.painter.means;
}"""


@pytest.fixture
def studio(page: Page, server_url: str) -> Page:
    page.goto(f"{server_url}/en/")
    page.wait_for_selector("[data-neuron]")
    return page


def painter() -> str:
    manifest = json.loads((BUILD / "manifest.json").read_text())
    return f"/static/build/{manifest['src/links/edges/painter.ts']['file']}"


def drawn(page: Page, means: str) -> np.ndarray[Any, Any]:
    """The edges by these means, as they are on screen: (height, width, 3)."""
    assert page.evaluate(DRAWN, [painter(), means]) == means
    return seen(page)


def seen(page: Page) -> np.ndarray[Any, Any]:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    picture = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT})
    return np.asarray(Image.open(BytesIO(picture)).convert("RGB")).astype(float)


def alike(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> tuple[float, float]:
    """The mean difference of a pixel's channels, of 255, and the correlation of all of them."""
    return float(np.abs(a - b).mean()), float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize(
    ("means", "scheme"), crossed(["slow-card", "worker", "page"], ["light", "dark"], few=["slow-card", "worker"])
)
def test_drawn_edges_look_as_their_svg(studio: Page, means: str, scheme: str) -> None:
    studio.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    svg, own = drawn(studio, "svg"), drawn(studio, means)
    assert svg.std() > 10
    difference, correlation = alike(own, svg)
    assert difference < 7
    assert correlation > 0.94
    # Turned upside down the same edges are others: 0.94 is far from it.
    assert alike(own[::-1], svg)[1] < 0.8


@pytest.mark.long
def test_a_lost_card_leaves_the_picture_and_another_draws_on(studio: Page) -> None:
    before = drawn(studio, "slow-card")
    studio.evaluate("() => window.painter.lose()")
    studio.wait_for_function("() => window.shown === 2")
    assert studio.evaluate("() => window.painter.means") == "worker"
    difference, correlation = alike(seen(studio), before)
    assert difference < 7
    assert correlation > 0.94


def test_one_changed_weight_is_drawn_alone(studio: Page) -> None:
    pictures = {}
    for means in ("slow-card", "worker"):
        before = drawn(studio, means)
        studio.evaluate("() => window.painter.change(window.link, 3, 12, 9)")
        studio.wait_for_function("() => window.shown === 2")
        pictures[means] = np.abs(seen(studio) - before).sum(2) > 24
        # A thick line across, and nothing else.
        assert 300 < pictures[means].sum() < 3000
    both = pictures["slow-card"] & pictures["worker"]
    assert both.sum() > 0.8 * min(each.sum() for each in pictures.values())


def test_forced_colours_leave_one_ink_and_small_weights_paler(studio: Page) -> None:
    studio.emulate_media(forced_colors="active")
    assert studio.evaluate(DRAWN, [painter(), "worker"]) == "worker"
    inks = studio.evaluate(
        """() => {
          const canvas = document.querySelector("#host canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const found = new Set();
          for (let k = 0; k < data.length; k += 4) if (data[k + 3] > 200) found.add(data.slice(k, k + 3).join());
          return [...found].map(each => each.split(",").map(Number));
        }"""
    )
    # Black on white here: no shade has a colour.
    assert all(max(ink) - min(ink) <= 1 for ink in inks)
    shades = sorted(ink[0] for ink in inks)
    assert shades[0] < 30
    assert shades[-1] > shades[0] + 40
