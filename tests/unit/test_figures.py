"""Figures are drawn on one scale, described, and the same twice."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from helpers.figures import plot_digits, show


@pytest.fixture
def shown(monkeypatch):
    """What `show` hands to the notebook: the data and the metadata."""
    def run(figure, alt):
        calls = []
        monkeypatch.setattr(
            "helpers.figures.display",
            lambda data, metadata, raw: calls.append((data, metadata, raw)),
        )
        show(figure, alt)
        ((data, metadata, raw),) = calls
        assert raw
        return data, metadata
    return run


def test_show_displays_one_described_picture_and_closes_the_figure(shown):
    figure = plot_digits(np.zeros((2, 28, 28), np.uint8))
    data, metadata = shown(figure, "two black pictures")
    assert metadata == {
        "image/png": {"alt": "two black pictures"},
        "drawn": ["axes 2; blank 2; "] + ["images 1"] * 2,
    }
    assert data["text/plain"] == "two black pictures"
    assert not plt.fignum_exists(figure.number)
    assert Image.open(io.BytesIO(data["image/png"])).format == "PNG"


def test_show_draws_the_same_bytes_twice(shown):
    images = np.random.default_rng(0).random((3, 28, 28))
    first, second = (
        shown(plot_digits(images, "abc"), "noise")[0] for _ in range(2)
    )
    assert first == second


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
        "x ticks no | yes; places 3; patches 2",
    ]


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_picture_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="what the picture shows"):
        show(plt.figure(), alt)
    plt.close("all")


@pytest.mark.parametrize("images, white", [
    (np.full((1, 28, 28), 100, np.uint8), 255),
    (np.full((1, 28, 28), 0.4), 1.0),
    (np.full((1, 28, 28, 1), 0.4, np.float32), 1.0),
])
def test_all_pictures_have_one_gray_scale(images, white):
    figure = plot_digits(images)
    (image,) = figure.axes[0].images
    assert image.get_clim() == (0, white)
    plt.close(figure)


def test_titles_stand_above_their_pictures_and_rows_are_filled():
    figure = plot_digits(np.zeros((7, 28, 28)), range(7), columns=3)
    assert [axis.get_title() for axis in figure.axes] == [
        "0", "1", "2", "3", "4", "5", "6", "", ""
    ]
    assert [len(axis.images) for axis in figure.axes] == [1] * 7 + [0] * 2
    plt.close(figure)


def test_nothing_to_draw_and_missing_titles_are_refused():
    with pytest.raises(ValueError, match="0 images"):
        plot_digits(np.zeros((0, 28, 28)))
    with pytest.raises(ValueError, match="2 images to draw, and 1 t"):
        plot_digits(np.zeros((2, 28, 28)), ["one"])
