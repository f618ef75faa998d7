"""Any picture of a digit comes out as MNIST's makers would have made it."""

import io
import subprocess
import sys
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from sklearn.datasets import load_digits

from helpers.handwriting import (
    HandwritingError,
    find_steps,
    plot_steps,
    to_mnist,
)
from helpers.handwriting.digits import fit, join
from helpers.handwriting.ink import is_light_on_dark, stroke_width
from helpers.handwriting.rules import find_rules
from helpers.handwriting.sheet import (
    find_beside_bars,
    find_sheet,
    remove_table,
    shrink,
)
from mnist_digit_recognizer import PROJECT
from tests.fixtures.bad_pictures import bad_pictures, encoded, huge_png
from tests.fixtures.nearest import held_out, nearest, read
from tests.fixtures.scenes import (
    INKS,
    PAPERS,
    SCENES,
    blow_up,
    framed,
    light,
    on_a_table,
    paint,
    place,
    repen,
    ruled,
    wood,
)

COUNT = 24


@pytest.fixture(scope="module")
def digits():
    return held_out(COUNT)


@pytest.fixture(scope="module")
def page():
    """A 5 in the lower half of a page, as RGB."""
    images, labels = held_out(COUNT)
    ink = np.zeros((360, 300), np.float32)
    ink[70:350, 10:290] = blow_up(images[list(labels).index(5)])
    return paint(ink, PAPERS[1], (25, 35, 110))


def difference(first, second):
    """Mean difference of two pictures, in gray levels from 0 to 255.

    A hair's breadth may tip the centre of mass to the next pixel, so the
    best of the places beside counts.
    """
    return min(
        np.abs(np.roll(first, (down, right), (0, 1)).astype(float)
               - second).mean()
        for down in (-1, 0, 1) for right in (-1, 0, 1)
    )


def share_right(pictures, labels):
    answers = nearest(np.stack(pictures)[..., np.newaxis] / 255).argmax(1)
    return (answers == labels).mean()


# What MNIST's makers made

def test_form_is_that_of_mnist(digits):
    for digit in digits[0]:
        made = to_mnist(paint(blow_up(digit), PAPERS[0], (0, 0, 0)))
        assert made.shape == (28, 28) and made.dtype == np.uint8
        assert made.min() == 0 and made.max() == 255
        rows, columns = np.nonzero(made)
        sides = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert max(sides) == 20
        middle = ndimage.center_of_mass(made)
        assert max(abs(place - 14) for place in middle) <= 0.6


def test_proportions_are_kept():
    for height, width in ((200, 50), (100, 100), (120, 180)):
        ink = np.zeros((300, 300), np.float32)
        ink[40:40 + height, 60:60 + width] = 1
        ink[60:20 + height, 80:40 + width] = 0  # a frame
        made = to_mnist(paint(ink, PAPERS[0], (0, 0, 0)))
        rows, columns = np.nonzero(made > 127)
        found = (np.ptp(columns) + 1) / (np.ptp(rows) + 1)
        assert found == pytest.approx(width / height, abs=0.08)


@pytest.mark.parametrize("width", [6, 12, 24, 48, 70])
def test_thin_and_thick_pens_end_alike(width):
    ink = np.zeros((400, 400), np.float32)
    ink[60:340, 200 - width // 2:200 + width // 2] = 1
    ink[340 - width:340, 120:280] = 1
    made = to_mnist(paint(ink, PAPERS[0], (0, 0, 0)))
    across = made[8:16].sum(axis=1) / 255  # pixels of ink: 0.4 to 5, as drawn
    assert across == pytest.approx(2.5, abs=1.0)


def test_a_stroke_is_kept_within_the_range_of_mnist():
    for width, least, most in (
        (20, 1.2, 2.2), (60, 2.4, 3.6), (160, 3.2, 5.0)
    ):
        ink = np.zeros((400, 400), bool)
        ink[:, 200 - width // 2:200 + width // 2] = True
        ink[400 - width:] = True
        made = fit(ink, (1.6, 3.8))
        assert least < stroke_width(made > 127) < most


@pytest.mark.parametrize("height", [100, 130, 180, 400, 700])
@pytest.mark.parametrize("pen", [1, 2])
def test_a_thin_pen_loses_no_stroke(height, pen):
    """A frame keeps its four bars wherever these fall between pixels."""
    for away in range(0, 10, 3):
        ink = np.zeros((height, height // 2), bool)
        for bar in (ink[away:], ink[:height - away][::-1], ink.T, ink.T[::-1]):
            bar[:pen] = True
        made = fit(ink, (1.6, 1.6)) > 100
        rows, columns = made.mean(axis=1), made.mean(axis=0)
        assert np.sum(rows > 0.8 * rows.max()) >= 2, away
        assert np.sum(columns > 0.6 * columns.max()) >= 2, away
        hole = ndimage.binary_fill_holes(made) & ~made
        assert hole.sum() > 60, away


def test_a_digit_of_mnist_itself_comes_back(digits):
    made = [to_mnist(digit) for digit in digits[0]]
    apart = [difference(a, b) for a, b in zip(made, digits[0])]
    assert np.median(apart) < 10  # of 255; two sevens differ by 30 and more


def test_edges_are_as_soft_as_those_of_mnist(digits):
    def gray_of_ink(pictures):
        shares = np.stack(pictures) / 255
        gray = (4 * shares * (1 - shares)).sum(axis=(1, 2))
        return np.median(gray / shares.sum(axis=(1, 2)))

    made = [to_mnist(blow_up(digit)) for digit in digits[0]]
    assert gray_of_ink(made) == pytest.approx(
        gray_of_ink(digits[0]), rel=0.2)


@pytest.mark.parametrize(("pieces", "joined"), [
    # Boxes of the pieces: top, bottom, left, right.
    ([(20, 59, 16, 78), (75, 98, 36, 96)], True),  # a 3 with a gap
    ([(16, 60, 45, 103), (63, 96, 24, 76)], True),  # a 5, its halves slanted
    ([(20, 66, 37, 95), (64, 87, 68, 78), (84, 100, 16, 63)], True),
    ([(20, 60, 30, 60), (70, 110, 30, 60)], True),  # two halves, near
    ([(20, 60, 30, 60), (80, 120, 30, 60)], False),  # two digits, apart
    ([(20, 59, 16, 78), (95, 118, 36, 96)], False),  # a stroke far below
    ([(20, 60, 10, 40), (20, 60, 26, 56)], False),  # side by side, slanted
])
def test_what_a_broken_digit_is_joined_from(pieces, joined):
    places = [(slice(top, bottom), slice(left, right))
              for top, bottom, left, right in pieces]
    assert len(join(places)) == (1 if joined else 2)


@pytest.mark.parametrize("name", SCENES)
def test_scenes_are_read_as_well_as_the_originals(name, digits):
    images, labels = digits
    rng = np.random.default_rng(1)
    made, refused = [], 0
    for digit in images:
        try:
            made.append(to_mnist(SCENES[name](digit, rng)))
        except HandwritingError:
            made.append(np.eye(28, dtype=np.uint8))
            refused += 1
    assert refused <= (2 if name == "thin pen" else 1)
    loss = share_right(images, labels) - share_right(made, labels)
    assert round(loss * COUNT) <= 2


def test_scikit_learn_s_digits_of_8_by_8_pixels():
    scans = load_digits()
    images, labels = scans.images[:200], scans.target[:200]
    plain = [
        np.asarray(Image.fromarray((15.9 * image).astype(np.uint8)).resize(
            (28, 28), Image.Resampling.BILINEAR)) for image in images
    ]
    made = [to_mnist((15.9 * image).astype(np.uint8)) for image in images]
    assert share_right(made, labels) > 0.8
    assert share_right(made, labels) > share_right(plain, labels) + 0.1


@pytest.mark.parametrize("turned", [False, True])
def test_polarity_is_found(digits, turned):
    for name, scene in SCENES.items():
        rng = np.random.default_rng(2)
        for digit in digits[0][:4]:
            gray = scene(digit, rng).mean(axis=-1).astype(np.float32) / 255
            inverted = remove_table(1 - gray if turned else gray)
            assert is_light_on_dark(inverted) == (
                (name == "chalk") != turned)


def test_polarity_of_faint_pencil_in_sloping_light():
    rng = np.random.default_rng(1)
    for _ in range(8):
        ink = np.zeros((500, 500), np.float32)
        ink[120:380, 200:204] = ink[376:380, 140:320] = 1
        grain = 0.8 + 0.2 * rng.random(ink.shape)
        photo = paint(ink * grain, (240, 240, 236), (197, 197, 197),
                      light(ink.shape, rng, 0.25), 0.012, rng)
        gray = photo.mean(axis=-1).astype(np.float32) / 255
        assert not is_light_on_dark(gray)
        assert is_light_on_dark(1 - gray)


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("width", [3, 6, 10, 20, 30])
def test_a_frame_is_no_ink(digits, width, inverted):
    for digit in digits[0][:4]:
        plain = framed(digit, np.random.default_rng(0), 0)
        picture = framed(digit, np.random.default_rng(0), width)
        if inverted:  # a white page around a dark drawing
            picture = 255 - picture
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            made = to_mnist(picture)
        assert difference(made, to_mnist(plain)) < 4


def test_a_sheet_is_read_whatever_it_lies_on(digits):
    for number, digit in enumerate(digits[0][:6]):
        plain = to_mnist(digit)
        photo = on_a_table(digit, np.random.default_rng(number))
        assert difference(to_mnist(photo), plain) < 12
        photo = on_a_table(digit, np.random.default_rng(number), 0)
        for part in (photo[:, 90:], photo[70:, 90:], photo[70:410]):
            assert difference(to_mnist(part), plain) < 12  # less table
        assert difference(to_mnist(255 - photo), plain) < 12  # a blackboard


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("width", [10, 40, 120])
def test_a_bar_at_an_edge_is_no_ink(digits, width, inverted):
    """A window's bright title on a dark screen, with words in it."""
    sides = [np.s_[:width], np.s_[-width:], np.s_[:, :width],
             np.s_[:, -width:]]
    rng = np.random.default_rng(width)
    for side, digit in zip(sides, digits[0]):
        page = 0.08 + 0.85 * place(blow_up(digit), (520, 460), rng, 125)
        plain = np.rint(255 * page).astype(np.uint8)
        barred = plain.copy()
        barred[side] = 250
        barred[side][3:7, 3:7] = 20
        if inverted:
            barred = 255 - barred
        assert difference(to_mnist(barred), to_mnist(plain)) < 2


def test_digits_are_no_bars(digits):
    """A 7 that fills the picture has a bar along its edge; so has a 5."""
    for digit in digits[0]:
        ink = blow_up(digit)
        (rows, columns), = ndimage.find_objects((ink > 0.3).astype(int))
        for beside in (0, 60):
            tight = np.pad(ink[rows, columns], ((0, 0), (0, beside)))
            assert find_beside_bars(shrink(tight, 200)).all()
    for stem in (30, 60):
        seven = np.zeros((100, 80), np.float32)
        seven[:10] = seven[:stem, 70:] = 1
        seven[80:90, :20] = 1  # other ink
        assert find_beside_bars(seven).all()
    half = np.zeros((100, 80), np.float32)
    half[:45] = half[80:90, :20] = 1
    assert find_beside_bars(half).all()
    alone = np.zeros((100, 80), np.float32)
    alone[:, :20] = 1
    assert find_beside_bars(alone).all()


def test_rules_on_a_sheet_are_still_no_ink(digits):
    for number, digit in enumerate(digits[0][:4]):
        rng = np.random.default_rng(number)
        photo = wood((480, 640), rng)
        page = place(blow_up(digit), (380, 480), rng, 20)
        page = np.maximum(page, ruled(page.shape, rng))
        photo[50:430, 80:560] = paint(page, PAPERS[3], INKS[1])
        assert difference(to_mnist(photo), to_mnist(digit)) < 12


def test_a_rule_outside_of_the_mask_warns_nobody():
    mask = np.ones((392, 392), bool)
    mask[6:-6, 6:-6] = False
    mask[30:-60, 180:200] = True
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all(thickness <= 20 for *_, thickness in find_rules(mask))


def test_an_empty_sheet_holds_no_ink():
    photo = wood((480, 640), np.random.default_rng(0))
    photo[60:400, 100:540] = PAPERS[3]
    with pytest.raises(HandwritingError, match="No ink was found"):
        to_mnist(photo)


def test_light_and_shadow_are_no_sheets(digits):
    rng = np.random.default_rng(7)
    for name, count in (("shadow", 24), ("photo", 24), ("small on a page", 9)):
        for digit in digits[0][:count]:
            gray = SCENES[name](digit, rng).mean(axis=-1) / 255
            assert find_sheet(shrink(gray.astype(np.float32), 200)) is None


def test_digits_are_no_sheets(digits):
    for digit in digits[0]:
        for pen in (0, 30, 60):
            ink = repen(blow_up(digit), pen) if pen else blow_up(digit)
            (rows, columns), = ndimage.find_objects((ink > 0.2).astype(int))
            for margin in (0, 2, 30):
                tight = np.pad(ink[rows, columns], margin).astype(np.float32)
                assert find_sheet(shrink(1 - tight, 200)) is None
                assert find_sheet(shrink(tight, 200)) is None
    bar = np.pad(np.zeros((200, 60), np.float32), 20, constant_values=1)
    assert find_sheet(bar) is None


# Whatever comes in

MODES = ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa",
         "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16"]


@pytest.mark.parametrize("mode", MODES)
def test_any_mode_gives_the_same(page, mode):
    picture = Image.fromarray(page)
    for step in {"La": ("LA",), "PA": ("P",), "RGBa": ("RGBA",),
                 "I": ("L",), "F": ("L",), "I;16": ("L", "I"),
                 "LAB": (), "P": ()}.get(mode, ()):
        picture = picture.convert(step)
    if mode == "LAB":
        from PIL import ImageCms
        picture = ImageCms.profileToProfile(
            picture, ImageCms.createProfile("sRGB"),
            ImageCms.createProfile("LAB"), outputMode="LAB")
    else:
        picture = picture.convert(mode)
    assert picture.mode == mode
    before = picture.tobytes()
    assert difference(to_mnist(picture), to_mnist(page)) < 5
    assert (picture.mode, picture.tobytes()) == (mode, before)


GRAY = {
    "uint8": lambda gray: gray,
    "(h, w, 1)": lambda gray: gray[..., np.newaxis],
    "RGB": lambda gray: np.stack([gray] * 3, -1),
    "RGBA": lambda gray: np.stack([gray] * 3 + [0 * gray + 255], -1),
    "bool": lambda gray: gray > 127,
    "int64": lambda gray: gray.astype(np.int64),
    "uint16": lambda gray: gray.astype(np.uint16) * 257,
    "big-endian uint16": lambda gray: (gray.astype(np.uint16) * 257
                                       ).astype(">u2"),
    "12 bits": lambda gray: gray.astype(np.uint16) * 16,
    "float16": lambda gray: (gray / 255).astype(np.float16),
    "float64": lambda gray: gray / 255,
    "float RGB": lambda gray: np.stack([gray / 255] * 3, -1),
    "list": lambda gray: gray.tolist(),
    "not contiguous": lambda gray: np.repeat(gray, 2, axis=1)[:, ::2],
}


@pytest.mark.parametrize("name", GRAY)
def test_any_array_gives_the_same(page, name):
    gray = page[..., 1]
    array = GRAY[name](gray)
    before = np.array(array)
    assert difference(to_mnist(array), to_mnist(gray)) < 4
    np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP",
                                  "PPM", "TGA", "JPEG2000"])
def test_any_file_gives_the_same(page, kind, tmp_path):
    content = encoded(Image.fromarray(page), kind)
    file = tmp_path / "digit"
    file.write_bytes(content)
    usual = to_mnist(page)
    for image in (content, file, str(file), Image.open(file)):
        assert difference(to_mnist(image), usual) < 5


@pytest.mark.parametrize("turn", range(1, 9))
def test_photos_stand_upright(page, turn):
    turned = Image.Transpose
    how = {  # as a camera stores it, for each number that EXIF gives
        2: turned.FLIP_LEFT_RIGHT, 3: turned.ROTATE_180,
        4: turned.FLIP_TOP_BOTTOM, 5: turned.TRANSPOSE,
        6: turned.ROTATE_90, 7: turned.TRANSVERSE, 8: turned.ROTATE_270,
    }
    stored = Image.fromarray(page)
    if turn in how:
        stored = stored.transpose(how[turn])
    exif = Image.Exif()
    exif[0x0112] = turn
    content = encoded(stored, "JPEG", exif=exif.tobytes())
    assert difference(to_mnist(content), to_mnist(page)) < 5


def test_transparent_drawings(page):
    ink = 1 - page[..., 0] / 255.0
    opacity = np.where(ink > 0.5, 255, 0).astype(np.uint8)
    usual = to_mnist(page)
    for colour in (0, 128, 255):  # black, gray and white ink
        flat = np.full((*opacity.shape, 3), colour, np.uint8)
        drawing = np.dstack([flat, opacity])
        assert difference(to_mnist(drawing), usual) < 8
        picture = Image.fromarray(drawing)
        for saved in (encoded(picture), encoded(picture.convert("LA"))):
            assert difference(to_mnist(saved), usual) < 8
    upper = np.arange(len(page))[:, np.newaxis] < 200
    for lower in ((200, 0, 0), (90, 140, 220)):  # black ink, then coloured
        drawing = np.zeros((*opacity.shape, 4), np.uint8)
        drawing[..., :3] = np.where(upper[..., np.newaxis], 0, lower)
        drawing[..., 3] = opacity
        assert difference(to_mnist(drawing), usual) < 8
    erased = drawing.copy()
    erased[:60, :90] = 255  # a white rubber went over the corner
    assert difference(to_mnist(erased), usual) < 8
    # Paper that is opaque, in a frame that is transparent and hides black.
    framed = np.zeros((500, 500, 4), np.uint8)
    framed[50:410, 100:400] = np.dstack([page, np.full(page.shape[:2], 255)])
    assert difference(to_mnist(framed), usual) < 8


def test_ink_that_differs_only_in_colour(digits):
    digit = digits[0][0]
    ink = place(blow_up(digit), (340, 340), np.random.default_rng(0))
    red, green = (200, 40, 40), (40, 121, 40)  # as bright as each other
    plain = to_mnist(paint(ink, (255, 255, 255), (0, 0, 0)))
    assert difference(to_mnist(paint(ink, green, red)), plain) < 8


@pytest.mark.parametrize("size", [40, 100, 640, 4000])
def test_from_small_to_12_megapixels(digits, size):
    digit = digits[0][2]
    ink = Image.fromarray(blow_up(digit)).resize(
        (size, size * 3 // 4), Image.Resampling.BICUBIC)
    picture = paint(np.clip(ink, 0, 1), PAPERS[0], (0, 0, 0))
    usual = to_mnist(paint(np.clip(Image.fromarray(blow_up(digit)).resize(
        (400, 300)), 0, 1), PAPERS[0], (0, 0, 0)))
    assert difference(to_mnist(picture), usual) < 12


def test_what_rounding_adds_is_forgiven(page):
    shares = (page[..., 1] - 35) / 210  # from 0 to 1
    usual = to_mnist(shares)
    beyond = shares * 1.0000004 - 2e-7
    assert beyond.min() < 0 and beyond.max() > 1
    for array in (beyond, np.stack([beyond] * 3, -1)):
        assert difference(to_mnist(array), usual) < 4
    deep = Image.fromarray((1.01 * shares).astype(np.float32))
    assert deep.mode == "F" and deep.getextrema()[1] > 1
    assert difference(to_mnist(deep), usual) < 4


def test_8_by_8_pixels_in_any_polarity():
    image = (15.9 * load_digits().images[0]).astype(np.uint8)
    assert read(to_mnist(image)) == read(to_mnist(255 - image)) == 0


def test_a_digit_in_the_box_of_a_form(digits):
    ink = place(blow_up(digits[0][3]), (400, 400), np.random.default_rng(0),
                40)
    boxed = ink.copy()
    boxed[[20, 21, 378, 379], 20:380] = 0.8
    boxed[20:380, [20, 21, 378, 379]] = 0.8
    plain = to_mnist(paint(ink, PAPERS[0], (0, 0, 0)))
    made = to_mnist(paint(boxed, PAPERS[0], (0, 0, 0)))
    assert difference(made, plain) < 4


# What is no digit

def test_every_bad_input_is_told_apart(digits, tmp_path):
    bad = bad_pictures(digits[0][1], digits[0][2], tmp_path)
    assert len(bad) >= 30
    for name, image, words in bad:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(HandwritingError) as caught:
                to_mnist(image)
        message = str(caught.value)
        assert words in message, f"{name}: {message}"
        assert message[0].isupper() and message[-1] in ".?", name
        assert caught.value.__cause__ is None, name
    assert issubclass(HandwritingError, ValueError)


def test_a_bomb_is_not_decoded():
    code = (
        "import resource, sys\n"
        "from helpers.handwriting import HandwritingError, to_mnist\n"
        "used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    to_mnist(sys.stdin.buffer.read())\n"
        "except HandwritingError as error:\n    print(error)\n"
        "more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used\n"
        "assert more < 20_000, more\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=huge_png(13_000, 13_000),
        capture_output=True, cwd=PROJECT,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"169,000,000 pixels" in done.stdout or b"13,000" in done.stdout


def test_empty_ruled_paper_is_no_digit():
    rng = np.random.default_rng(0)
    for squared in (False, True):
        lines = ruled((400, 500), rng, squared, darkness=0.7)
        with pytest.raises(HandwritingError):
            to_mnist(paint(lines, PAPERS[0], (0, 0, 0)))


def test_an_error_keeps_the_steps_until_then():
    with pytest.raises(HandwritingError) as caught:
        find_steps(np.full((50, 60), 255, np.uint8))
    assert list(caught.value.steps) == ["original", "gray", "polarity"]
    with pytest.raises(HandwritingError) as caught:
        find_steps(b"")
    assert caught.value.steps == {}


# The strip of steps

def test_steps_end_in_what_to_mnist_gives(page):
    steps = find_steps(page)
    assert list(steps) == [
        "original", "gray", "polarity", "ink", "box", "28×28"
    ]
    np.testing.assert_array_equal(steps["original"], page)
    np.testing.assert_array_equal(steps["28×28"], to_mnist(page))
    assert steps["ink"].dtype == bool and steps["box"].dtype == bool
    assert steps["gray"].dtype == np.float32
    dark = find_steps(255 - page)
    assert dark["polarity"].mean() > 0.5 > dark["gray"].mean()


def test_strip_shows_every_step_with_its_name(page):
    figure = plot_steps(page)
    names = [axis.title for axis in figure.axes]
    assert [name.get_text() for name in names] == list(find_steps(page))
    assert all(name.get_fontsize() >= 9 for name in names)
    assert all(len(axis.images) == 1 for axis in figure.axes)
    plt.close(figure)


def test_strip_of_a_bad_photo_ends_where_it_failed():
    figure = plot_steps(np.full((50, 60), 255, np.uint8))
    assert [axis.get_title() for axis in figure.axes] == [
        "original", "gray", "polarity"
    ]
    assert "No ink was found" in figure.get_supxlabel()
    figure.savefig(io.BytesIO())
    plt.close(figure)
    with pytest.raises(HandwritingError, match="0 bytes"):
        plot_steps(b"")


def test_tensorflow_is_not_loaded():
    code = ("import sys, helpers.handwriting; "
            "assert not {'tensorflow', 'keras'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)
