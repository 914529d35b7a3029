"""Links with a question in real Chromium: made by a teacher, opened by a learner."""

import json
import re

import pytest
import torch
from playwright.sync_api import BrowserContext, Page, expect

from adelante.locale import LANGUAGES, translate
from app.pages.lessons.exercises import EXERCISES
from tests import notebook
from tests.browser.lesson_page import awake, made_link, type_guess, value
from tests.long import some


def test_a_teachers_link_opens_a_locked_network_with_a_question(
    page: Page, server_url: str, context: BrowserContext
) -> None:
    page.goto(f"{server_url}/es/docentes")
    page.get_by_label("Qué abre el enlace").select_option("own")
    layers = [{"weights": [[1.5], [-2]], "biases": [0.25], "activation": "tanh"}]
    page.get_by_label("La red:").fill(json.dumps({"layers": layers, "inputs": [0.5, 1]}))
    page.get_by_label("La pregunta").fill("¿Qué pasa con <y> si x₁ crece?")
    page.get_by_role("group", name="Bloqueado").get_by_label("pesos y sesgos").check()
    page.get_by_role("group", name="Oculto").get_by_label("el diagrama").check()
    link = made_link(page)
    assert link.startswith(f"{server_url}/es/clase#class=")
    learner = context.new_page()
    learner.goto(link)
    expect(learner.locator(".question p")).to_have_text("¿Qué pasa con <y> si x₁ crece?")
    a = torch.tanh(torch.tensor([0.5, 1.0]) @ torch.tensor([[1.5], [-2.0]]) + 0.25).item()
    output = learner.locator("[data-quantity='a']").first
    assert value(output) == pytest.approx(a, abs=1e-6)
    expect(learner.locator("[data-neuron]")).to_have_count(0)
    sliders = learner.locator(".sum input[type=range]")
    expect(sliders.first).to_be_disabled()
    field = learner.locator(".live > fieldset").first.locator("input[type=text]").first
    field.fill("2")
    field.press("Enter")
    moved = torch.tanh(torch.tensor([2.0, 1.0]) @ torch.tensor([[1.5], [-2.0]]) + 0.25).item()
    learner.wait_for_function(
        "a => Math.abs(Number(document.querySelector('[data-quantity=a]').dataset.value) - a) < 1e-6", arg=moved
    )


def test_a_locked_bias_does_not_move(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/en/teachers")
    page.get_by_label("What the link opens").select_option("preset multilayer")
    for part in ("inputs", "weights and biases", "layers and activation functions"):
        page.get_by_role("group", name="Locked").get_by_label(part).check()
    page.goto(made_link(page))
    output = page.locator("[data-neuron='2.0']")
    assert value(output) == pytest.approx(notebook.OUTPUT, abs=1e-6)
    box = page.locator(".bias").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] - 60, steps=5)
    page.mouse.up()
    page.wait_for_timeout(300)
    assert value(output) == pytest.approx(notebook.OUTPUT, abs=1e-6)
    expect(page.locator(".diagram select").first).to_be_disabled()
    expect(page.locator(".diagram button:visible")).to_have_count(0)
    page.locator("[data-neuron='1.1']").press("Delete")
    expect(page.locator("[data-neuron^='1.']")).to_have_count(2)
    expect(page.locator(".locked")).to_have_text("Locked: inputs, weights and biases, layers and activation functions.")


@pytest.mark.parametrize("language", some(LANGUAGES, "es"))
def test_a_link_goes_along_into_another_language(page: Page, server_url: str, language: str) -> None:
    page.goto(f"{server_url}/{language}/{translate(language, 'lessons.teachers-path')}")
    page.get_by_label(translate(language, "lessons.script-ask"), exact=True).fill("¿Por qué? Why?")
    page.goto(made_link(page))
    other = next(each for each in LANGUAGES if each != language)
    page.locator(f".languages a[lang='{other}']").click()
    expect(page).to_have_url(re.compile(f"/{other}/{translate(other, 'lessons.class-path')}#class="))
    expect(page.locator(".question p")).to_have_text("¿Por qué? Why?")
    expect(page.locator("[data-neuron='2.0']")).to_contain_text("0,3171" if other == "es" else "0.3171")


@pytest.mark.long
def test_locked_weights_are_not_drawn_anew_either(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/es/docentes")
    page.get_by_label("Qué abre el enlace").select_option("lesson 2")
    page.get_by_role("group", name="Bloqueado").get_by_label("pesos y sesgos").check()
    page.goto(made_link(page))
    figure = awake(page, "seeds")
    expect(figure.locator("form input")).to_be_disabled()
    expect(figure.locator("form button")).to_be_disabled()


def test_a_teachers_link_to_a_lesson_hides_hints_and_solutions(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/en/teachers")
    page.get_by_label("What the link opens").select_option("lesson 0")
    page.get_by_label("The question").fill("Do exercise 1.")
    for part in ("the hints", "the solutions"):
        page.get_by_role("group", name="Hidden").get_by_label(part).check()
    page.goto(made_link(page))
    expect(page.locator(".question p")).to_have_text("Do exercise 1.")
    section = page.locator("#neuron-z")
    expect(section.locator(".hint").first).to_be_hidden()
    type_guess(section, EXERCISES["neuron-z"], EXERCISES["neuron-z"].answer, ".")
    expect(section.locator(".verdict")).to_have_text("Right.")
    expect(section.locator(".solution")).to_be_hidden()


def test_hidden_outputs_wait_for_an_answer_to_the_question(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/es/docentes")
    page.get_by_label("La pregunta").fill("¿Cuánto vale y?")
    page.get_by_role("group", name="Oculto").get_by_label("las salidas").check()
    page.goto(made_link(page))
    output = page.locator("[data-neuron='2.0']")
    expect(page.locator("[data-neuron='1.0']")).to_contain_text("0,6813")
    expect(output).not_to_contain_text("0,3171")
    page.locator(".question textarea").fill("Más o menos 0,3")
    page.locator(".question button").click()
    expect(output).to_contain_text("0,3171")
    expect(page.locator(".question textarea")).to_have_value("Más o menos 0,3")


def test_where_hints_solutions_and_sum_are_hidden_y_waits_for_the_right_answer(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/es/docentes")
    page.get_by_label("Qué abre el enlace").select_option("lesson 6")
    for part in ("la suma", "las pistas", "las soluciones"):
        page.get_by_role("group", name="Oculto").get_by_label(part).check()
    page.goto(made_link(page))
    figure = awake(page, "layers")
    exercise = EXERCISES["notebook-network"]
    section = page.locator("#notebook-network")
    type_guess(section, exercise, (0.5,), ",")
    expect(section).to_have_attribute("data-verdict", "wrong")
    expect(figure.locator("[data-neuron='2.0']")).not_to_contain_text("0,3171")
    type_guess(section, exercise, exercise.answer, ",")
    expect(figure.locator("[data-neuron='2.0']")).to_contain_text("0,3171")


@pytest.mark.long
def test_a_classs_settings_go_along_to_the_next_lesson(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/es/docentes")
    page.get_by_label("Qué abre el enlace").select_option("lesson 0")
    page.get_by_label("La pregunta").fill("¿Por qué?")
    page.get_by_role("group", name="Oculto").get_by_label("las pistas").check()
    page.goto(made_link(page))
    page.locator("a[rel=next]").click()
    expect(page.locator("h1")).to_have_text(translate("es", "lesson.tensors.title"))
    expect(page.locator(".hint").first).to_be_hidden()
    expect(page.locator(".question")).to_have_count(0)


def test_a_link_for_this_machine_alone_says_so(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/es/docentes")
    made_link(page)
    expect(page.locator(".local")).to_contain_text("127.0.0.1")


def test_a_link_that_cannot_be_read_says_so(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/en/class#class=AAAA")
    expect(page.locator("[data-class] .words")).to_have_text(translate("en", "lessons.script-no-link"))


def test_a_network_that_is_none_is_refused_before_a_link_is_made(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/en/teachers")
    page.get_by_label("What the link opens").select_option("own")
    page.get_by_label("The network:").fill("no json")
    page.locator("[data-builder] button[type=submit]").click()
    expect(page.locator("[data-builder] .problem, .problem")).to_have_text(translate("en", "lessons.script-not-json"))
    expect(page.locator("input[readonly]")).to_have_count(0)


@pytest.mark.parametrize("language", some(LANGUAGES, "es"))
def test_the_builder_says_in_the_pages_words_that_the_server_is_away(
    page: Page, server_url: str, language: str
) -> None:
    page.goto(f"{server_url}/{language}/{translate(language, 'lessons.teachers-path')}")
    page.route("**/api/v1/forward", lambda route: route.abort("connectionrefused"))
    page.locator("[data-builder] select").first.select_option("own")
    page.locator("[data-builder] textarea").first.fill('{"layers": [{"weights": [[1]]}], "inputs": [1]}')
    page.locator("[data-builder] button[type=submit]").click()
    expect(page.locator(".problem")).to_have_text(translate(language, "studio.no-answer"))
