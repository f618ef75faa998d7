"""Any picture of a digit comes out as MNIST's makers would have made it."""

import io
import warnings
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageFile
from scipy import ndimage
from sklearn.datasets import load_digits

from helpers.data import load_mnist
from helpers.handwriting import (
    HandwritingError,
    find_steps,
    plot_steps,
    to_mnist,
)
from helpers.handwriting.digits import fit, join
from helpers.handwriting.ink import find_rules
from helpers.handwriting.pictures import open_gray
from tests.fixtures import scenes
from tests.fixtures.bad_pictures import bad_pictures, encoded, huge_png
from tests.fixtures.scenes import PAPERS, SCENES, blow_up, paint, place


@pytest.fixture(scope="module")
def digits():
    """Images that `read` does not know, and their labels."""
    (images, labels), _ = load_mnist()
    return images[40_000:40_024], labels[40_000:40_024]


@pytest.fixture(scope="module")
def read():
    """A recogniser without TensorFlow: the nearest of some images decides."""
    (images, labels), _ = load_mnist()
    known = images[:12_000].reshape(-1, 784).astype(np.float32)
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    return lambda *asked: labels[np.argmax(
        np.float32(asked).reshape(-1, 784) @ known.T, axis=1)].tolist()


@pytest.fixture(scope="module")
def page(digits):
    """A 5 in the lower half of a page, as RGB."""
    ink = np.zeros((360, 300), np.float32)
    ink[70:350, 10:290] = blow_up(digits[0][list(digits[1]).index(5)])
    return paint(ink, PAPERS[1], (25, 35, 110))


def ink_on_paper(ink):
    return paint(ink, PAPERS[0], (0, 0, 0))


def difference(first, second):
    """Mean difference of two pictures, in gray levels from 0 to 255.

    A hair's breadth may tip the centre of mass to the next pixel, so the
    best of the places beside counts.
    """
    return min(np.abs(np.roll(first, move, (0, 1)) - second.astype(float)
                      ).mean() for move in product((-1, 0, 1), repeat=2))


# What MNIST's makers made
def test_form_is_that_of_mnist(digits):
    made = [to_mnist(ink_on_paper(blow_up(digit))) for digit in digits[0]]
    for picture in made:
        assert picture.shape == (28, 28) and picture.dtype == np.uint8
        assert picture.min() == 0 and picture.max() == 255
        assert max(np.ptp(at) + 1 for at in np.nonzero(picture)) == 20
        middle = ndimage.center_of_mass(picture)
        assert middle == pytest.approx((14, 14), abs=0.6)
    share = [(pictures * (255.0 - pictures)).sum() / pictures.sum()
             for pictures in (np.stack(made), digits[0])]  # of gray in ink
    assert share[0] == pytest.approx(share[1], rel=0.2)


@pytest.mark.parametrize("width", [6, 12, 24, 48, 70])
def test_thin_and_thick_pens_end_alike(width):
    ink = np.zeros((400, 400), np.float32)
    ink[60:340, 200 - width // 2:200 + width // 2] = 1
    ink[340 - width:340, 120:280] = 1
    made = to_mnist(ink_on_paper(ink))
    across = made[8:16].sum(axis=1) / 255  # pixels of ink: 0.4 to 5, as drawn
    assert across == pytest.approx(2.5, abs=1.0)
    high, wide = np.shape(scenes.trimmed(made > 127))
    assert wide / high == pytest.approx(160 / 280, abs=0.08)


@pytest.mark.parametrize("height", [100, 180, 700])
def test_a_thin_pen_loses_no_stroke(height):
    """A frame keeps its four bars wherever these fall between pixels."""
    for pen, away in ((1, 0), (1, 3), (2, 6), (2, 9)):
        ink = np.zeros((height, height // 2), bool)
        for bar in (ink[away:], ink[:height - away][::-1], ink.T, ink.T[::-1]):
            bar[:pen] = True
        made = fit(ink[away:height - away]) > 100
        hole = ndimage.binary_fill_holes(made) & ~made
        assert hole.sum() > 60, (pen, away)


def test_a_digit_of_mnist_itself_comes_back(digits):
    apart = [difference(to_mnist(digit), digit) for digit in digits[0]]
    assert np.median(apart) < 10  # of 255; two sevens differ by 30 and more


@pytest.mark.parametrize(("pieces", "count"), [
    # Boxes of the pieces: top, left, bottom, right.
    ([(20, 16, 59, 78), (75, 36, 98, 96)], 1),  # a 3 with a gap
    ([(16, 45, 60, 103), (63, 24, 96, 76)], 1),  # a 5, its halves slanted
    ([(20, 37, 66, 95), (64, 68, 87, 78), (84, 16, 100, 63)], 1),
    ([(20, 30, 60, 60), (70, 30, 110, 60)], 1),  # two halves, near
    ([(20, 30, 60, 60), (80, 30, 120, 60)], 2),  # two digits, apart
    ([(20, 16, 59, 78), (95, 36, 118, 96)], 2),  # a stroke far below
    ([(20, 10, 60, 40), (20, 26, 60, 56)], 2),  # side by side, slanted
    ([(20, 10, 80, 50), (70, 55, 80, 65)], 2),  # a point
    ([(20, 10, 80, 50), (20, 54, 30, 75)], 1),  # the bar of a 5
])
def test_what_a_broken_digit_is_joined_from(pieces, count):
    assert len(join(np.array(pieces))) == count


@pytest.mark.parametrize("name", SCENES)
def test_scenes_are_read_in_either_polarity(name, digits, read):
    rng = np.random.default_rng(1)
    for digit, label in zip(digits[0][:3], digits[1]):
        scene = SCENES[name](digit, rng)
        steps = find_steps(scene)
        assert read(steps["28×28"], to_mnist(255 - scene)) == [label] * 2
        assert np.median(steps["polarity"]) > 0.5


def test_scikit_learn_s_digits_of_8_by_8_pixels(read):
    scans = load_digits()
    images = (15.9 * scans.images[:100]).astype(np.uint8)

    def count_right(pictures):
        return np.sum(read(*pictures) == scans.target[:100])

    made = count_right(map(to_mnist, images))
    plain = count_right(
        Image.fromarray(image).resize((28, 28)) for image in images)
    assert made > 75 and made > plain + 10
    assert count_right(to_mnist(255 - image) for image in images) > 75


def test_a_faint_drawing_and_a_full_crop_are_read(read):
    drawing = np.zeros((28, 28), np.uint8)  # a 7, a pixel wide
    drawing[6, 9:19] = 20
    for step in range(14):
        drawing[7 + step, 18 - step // 2] = 8
    crop = np.zeros((62, 26), np.uint8)  # a thick 1
    crop[:, 18:] = 255
    crop[30:, :2] = 255
    assert read(*map(to_mnist, (drawing, 255 - drawing, crop))) == [7, 7, 1]


# What lies around the digit: each gives a plain picture, and others
def frames(digit, rng):
    return [scenes.framed(digit, np.random.default_rng(0), width)
            for width in (0, 3, 10, 30)]


def sheets(digit, rng):
    photo = scenes.on_a_table(digit, rng, 0)
    ruled = scenes.wood((480, 640), rng)
    ink = place(blow_up(digit), (380, 480), rng, 20)
    ink = np.maximum(ink, scenes.ruled(ink.shape, rng))
    ruled[50:430, 80:560] = paint(ink, PAPERS[3], (25, 35, 110))
    return [digit, scenes.on_a_table(digit, rng), photo, photo[:, 90:],
            photo[70:], ruled]


def bars(digit, rng):
    """A window's bright title on a dark screen, with words in it."""
    page = 20 + 215 * place(blow_up(digit), (520, 460), rng, 125)
    pages = [page.astype(np.uint8)]
    for turn, width in enumerate((10, 40, 120, 40)):
        barred = np.rot90(pages[0], turn).copy()
        barred[:width] = 250
        barred[3:7, 3:7] = 20
        pages.append(np.rot90(barred, -turn))
    return pages


def lights(digit, rng):
    ink = place(blow_up(digit, 4), (900, 1200), rng)
    shades = np.ones((900, 1)), np.linspace(0.2, 1, 900)[:, np.newaxis]
    return [paint(ink, PAPERS[1], (25, 35, 110), shade) for shade in shades]


def boxes(digit, rng):
    pages = np.stack([np.pad(blow_up(digit), 60)] * 4)
    pages[1, 100:300, :24] = 1  # a neighbour that the edge cuts off
    foot = np.nonzero(pages[0] > 0.5)[0].max()
    for page, end in zip(pages[2:], (378, foot - 3)):  # apart; and touched
        page[[20, 21, end, end + 1], 20:380] = 0.8
        page[20:end + 2, [20, 21, 378, 379]] = 0.8
    return map(ink_on_paper, pages)


@pytest.mark.parametrize("around, most", [
    (frames, 4), (sheets, 12), (bars, 2), (lights, 4), (boxes, 4)])
def test_what_lies_around_is_no_ink(digits, around, most):
    for seed, digit in enumerate(digits[0][:3]):
        plain, *others = around(digit, np.random.default_rng(seed))
        plain = to_mnist(plain)
        for picture in (*others, *(255 - other for other in others)):
            assert difference(to_mnist(picture), plain) < most


def test_a_rule_may_bend():
    mask = np.zeros((300, 500), bool)
    columns = np.arange(500)
    rows = 150 + 0.02 * columns + 32 * (columns / 500 - 0.5) ** 2
    rows = rows.astype(int)
    mask[rows, columns] = mask[rows + 1, columns] = True
    mask[40:260, 240:260] = True
    rules = find_rules(mask)
    assert rules[:, :230].sum() == mask[:, :230].sum()
    assert not rules[:, 240:260].any()


# Whatever comes in
FILES = ["PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM", "TGA",
         "JPEG2000", "AVIF", "HEIC"]
MODES = {mode: () for mode in [
    "1", "L", "LA", "P", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV"]}
MODES |= {  # and what a picture must be converted to before
    "La": ["LA"], "PA": ["P"], "RGBa": ["RGBA"], "I": ["L"], "F": ["L"],
    "I;16": ["L", "I"]}
ARRAYS = {
    "gray": lambda gray: gray,
    "(h, w, 1)": lambda gray: gray[..., np.newaxis],
    "RGB": lambda gray: np.stack([gray] * 3, -1),
    "RGBA": lambda gray: np.stack([gray] * 3 + [0 * gray + 255], -1),
    "bool": lambda gray: gray > 127,
    "int64": lambda gray: gray.astype(np.int64),
    "uint16": lambda gray: gray.astype(np.uint16) * 257,
    "big-endian uint16": lambda gray: (gray.astype(">u2") * 257),
    "12 bits": lambda gray: gray.astype(np.uint16) * 16,
    "float16": lambda gray: (gray / 255).astype(np.float16),
    "a little beyond": lambda gray: (gray - 35) / 210 * 1.0000004 - 2e-7,
    "float RGB": lambda gray: np.stack([gray / 255] * 3, -1),
    "mode F, a little beyond": lambda gray: Image.fromarray(
        (1.01 * (gray - 35) / 210).astype(np.float32)),
    "list": lambda gray: gray.tolist(),
    "not contiguous": lambda gray: np.repeat(gray, 2, axis=1)[:, ::2]}


@pytest.mark.parametrize("mode", MODES)
def test_any_mode_gives_the_same(page, mode):
    picture = Image.fromarray(page)
    for step in (*MODES[mode], mode):
        picture = picture.convert(step)
    before = picture.tobytes()
    assert difference(to_mnist(picture), to_mnist(page)) < 5
    assert (picture.mode, picture.tobytes()) == (mode, before)


@pytest.mark.parametrize("name", ARRAYS)
def test_any_array_gives_the_same(page, name):
    array = ARRAYS[name](page[..., 1])
    before = np.array(array)
    assert difference(to_mnist(array), to_mnist(page)) < 4
    np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("kind", FILES)
def test_any_file_gives_the_same(page, kind, tmp_path):
    file = tmp_path / "digit"
    picture = Image.fromarray(page)
    if kind == "HEIC":
        pillow_heif.from_pillow(picture).save(file)
    else:
        picture.save(file, kind)
    for image in (file.read_bytes(), file, str(file)):
        assert difference(to_mnist(image), to_mnist(page)) < 5


@pytest.mark.parametrize(("turn", "how"), list(enumerate([
    "FLIP_LEFT_RIGHT", "ROTATE_180", "FLIP_TOP_BOTTOM", "TRANSPOSE",
    "ROTATE_90", "TRANSVERSE", "ROTATE_270"], start=2)))
def test_photos_stand_upright(page, turn, how):
    """However a camera stores them; EXIF gives the number."""
    stored, exif = Image.fromarray(page), Image.Exif()
    exif[0x0112] = turn
    content = encoded(stored.transpose(Image.Transpose[how]), "JPEG",
                      exif=exif.tobytes())
    assert difference(to_mnist(content), to_mnist(page)) < 5


def test_transparent_drawings(page):
    size = page.shape[:2]
    opacity = np.where(page[..., 0] < 127, 255, 0)
    drawing = np.dstack([np.zeros((*size, 3)), opacity])
    two_inks, erased = drawing.copy(), drawing.copy()
    two_inks[200:, :, 0] = 200  # black ink, then red
    erased[:60, :90] = 255  # a white rubber went over the corner
    # Opaque paper, in a frame that is transparent and hides black.
    card = np.zeros((500, 500, 4))
    card[50:410, 100:400] = np.dstack([page, np.full(size, 255)])
    gray, white = (drawing + np.array([level] * 3 + [0])
                   for level in (128, 255))
    for picture in (drawing, gray, white, two_inks, erased, card):
        picture = Image.fromarray(picture.astype(np.uint8))
        for image in (picture, encoded(picture.convert("LA"))):
            assert difference(to_mnist(image), to_mnist(page)) < 8


def test_from_small_to_12_megapixels(digits):
    page = Image.fromarray(ink_on_paper(blow_up(digits[0][2])))
    usual, *others = (to_mnist(page.resize((size, size * 3 // 4)))
                      for size in (400, 40, 100, 640, 4000))
    for other in others:
        assert difference(other, usual) < 12


def test_a_jpeg_of_108_megapixels_is_decoded_reduced(page):
    large = encoded(Image.fromarray(page).resize((12_000, 9_000)), "JPEG")
    usual = to_mnist(Image.fromarray(page).resize((400, 300)))
    assert difference(to_mnist(large), usual) < 5
    _, gray, factor = open_gray(large)
    assert gray.shape == (675, 900) and factor == 900 / 12_000


# What is no digit
def test_every_bad_input_is_told_apart(digits, tmp_path):
    bad = bad_pictures(digits[0][1], digits[0][2], tmp_path)
    for name, image, words in bad:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(HandwritingError) as caught:
                to_mnist(image)
        message = str(caught.value)
        assert words in message, f"{name}: {message}"
        assert message[0].isupper() and message[-1] in ".?", name
        assert caught.value.__cause__ is None, name


@pytest.mark.parametrize("side", [8_000, 13_000, 20_000])
def test_a_bomb_is_not_decoded(side, monkeypatch):
    bomb = huge_png(side)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda picture:
                        pytest.fail("it was decoded"))
    with pytest.raises(HandwritingError, match="pixels"):
        to_mnist(bomb)


# The strip of steps
def test_steps_end_in_what_to_mnist_gives(page):
    steps = find_steps(page)
    np.testing.assert_array_equal(steps["original"], page)
    np.testing.assert_array_equal(steps["28×28"], to_mnist(page))
    assert steps["ink"].dtype == steps["box"].dtype == bool
    assert steps["gray"].dtype == np.float32
    figure = plot_steps(page)
    assert [axis.get_title() for axis in figure.axes] == [*steps] == [
        "original", "gray", "polarity", "ink", "box", "28×28"]
    assert all(len(axis.images) == 1 for axis in figure.axes)
    plt.close(figure)


def test_strip_of_a_bad_photo_ends_where_it_failed():
    blank = np.full((50, 60), 255, np.uint8)
    with pytest.raises(HandwritingError) as caught:
        find_steps(blank)
    figure = plot_steps(blank)
    assert [axis.get_title() for axis in figure.axes] == [
        "original", "gray", "polarity"] == list(caught.value.steps)
    assert "No ink was found" in figure.get_supxlabel()
    figure.savefig(io.BytesIO())
    plt.close(figure)
    with pytest.raises(HandwritingError, match="0 bytes") as caught:
        plot_steps(b"")
    assert caught.value.steps == {}
