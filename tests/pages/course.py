"""What the tests of the course read from its pages."""

import re
from collections.abc import Iterator

from starlette.testclient import TestClient

from adelante.locale import LANGUAGES
from app.pages.lessons.course import LESSONS, Lesson

VALUE = re.compile(r'<data value="([^"]+)">([^<]+)</data>')


def lesson_pages(client: TestClient) -> Iterator[tuple[str, Lesson, str]]:
    """Every lesson in every language, as its page is sent."""
    for language in LANGUAGES:
        for lesson in LESSONS:
            page = client.get(lesson.address(language))
            assert page.status_code == 200, lesson.address(language)
            yield language, lesson, page.text
