"""Chromium without a window, for tests and benchmarks of pages.

Needs Debian's chromium, chromium-driver and python3-selenium.
"""

import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--window-size=1200,900", "--force-device-scale-factor=1"]


class Browser:
    """A browser with an empty profile, to be used in a with statement."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for flag in [*FLAGS, f"--user-data-dir={self.profile.name}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        try:
            self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"),
                                           options=options)
            # Leaves the browser's own start page, whose late requests a slow machine logs.
            self.driver.get("about:blank")
        except BaseException:
            self.profile.cleanup()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()
        self.profile.cleanup()

    def open(self, path):
        """Open a report and wait until its first chart is drawn."""
        self.driver.get(Path(path).resolve().as_uri())
        self.wait("return performance.getEntriesByName('portend-drawn').length > 0")

    def run(self, script, *arguments):
        """Run JavaScript in the page."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, script, *arguments):
        """Wait until JavaScript returns something true, and return it."""
        return WebDriverWait(self.driver, 60, 0.02).until(
            lambda driver: driver.execute_script(script, *arguments))

    def show(self, identity):
        """Scroll to an element, which lets the page fill its section."""
        self.wait("const found = document.getElementById(arguments[0]);"
                  "found?.scrollIntoView({block: 'center'}); return Boolean(found)", identity)

    def show_chart(self, section, chart):
        """Scroll to a chart and wait until it is drawn."""
        self.show(section)
        self.show(chart)
        self.wait("return Boolean(Chart.getChart(arguments[0])?.chartArea)", chart)

    def move_to(self, chart, x, y):
        """Move the pointer to pixels of a canvas, from its upper left corner."""
        box = self.run("const box = document.getElementById(arguments[0]).getBoundingClientRect();"
                       "return [box.left, box.top]", chart)
        actions = ActionChains(self.driver, duration=0)
        actions.w3c_actions.pointer_action.move_to_location(round(box[0] + x), round(box[1] + y))
        actions.perform()
