"""Figures are drawn on one scale, described, and the same twice."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from helpers.figures import describe, plot_digits, show

BLACK = np.zeros((2, 28, 28), np.uint8)


@pytest.fixture
def shown(monkeypatch):
    """What `show` hands to the notebook: the data and the metadata."""
    calls = []
    monkeypatch.setattr(
        "helpers.figures.display", lambda data, raw, metadata:
        raw and calls.append((data, metadata)))

    def run(figure, alt):
        show(figure, alt)
        assert not plt.fignum_exists(figure.number)
        return calls.pop()
    return run


def test_show_displays_one_described_picture_and_the_same_twice(shown):
    data, metadata = shown(plot_digits(BLACK), "two black pictures")
    assert metadata == {
        "image/png": {"alt": "two black pictures"},
        "drawn": ["axes 2; blank 2; ", "images 1", "images 1"]}
    assert data["text/plain"] == "two black pictures"
    assert Image.open(io.BytesIO(data["image/png"])).format == "PNG"
    assert shown(plot_digits(BLACK), "two black pictures")[0] == data


def test_what_was_drawn_is_listed(shown):
    figure, (left, right) = plt.subplots(1, 2)
    left.plot([1, 2, np.nan], [1, 2, 3], label="a line")
    left.set(title="on the\nleft", xlabel="epoch", xticks=[1, 2])
    left.text(1, 2, "97.5 %")
    left.legend()
    right.bar(["no", "yes"], [1, 2])
    right.scatter([0, 1, 1], [1, 1, 2])
    figure.suptitle("Two")
    assert shown(figure, "a line and bars")[1]["drawn"] == [
        "axes 2; blank 0; Two",
        "title on the left; notes … %; legend a line; x epoch; x ticks 1 | 2; "
        "points 2",
        "x ticks no | yes; places 3; patches 2"]


@pytest.mark.parametrize("images, white", [
    (BLACK + 100, 255), (np.full((1, 28, 28), 0.4), 1.0),
    (np.full((1, 28, 28, 1), 0.4, np.float32), 1.0)])
def test_all_pictures_have_one_gray_scale(images, white):
    (image,) = plot_digits(images).axes[0].images
    assert image.get_clim() == (0, white)
    plt.close("all")


def test_titles_stand_above_their_pictures_and_rows_are_filled():
    axes = plot_digits(np.zeros((7, 28, 28)), range(7), columns=3).axes
    assert [axis.get_title() for axis in axes] == [*"0123456", "", ""]
    assert [len(axis.images) for axis in axes] == [1] * 7 + [0] * 2
    (_, axis) = plot_digits(BLACK, ["7, 9 %", "2 → 3"], varying=True).axes
    assert describe(axis) == "notes … → …; images 1"
    plt.close("all")


@pytest.mark.parametrize("draw, said", [
    (lambda: show(plt.figure(), " \n"), "what the picture shows"),
    (lambda: plot_digits(BLACK[:0]), "0 images"),
    (lambda: plot_digits(BLACK, ["one"]), "2 images to draw, and 1 t")])
def test_nothing_to_say_or_draw_and_missing_titles_are_refused(draw, said):
    with pytest.raises(ValueError, match=said):
        draw()
    plt.close("all")
