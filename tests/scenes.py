"""Photos of handwriting, composed from digits of 28 by 28 pixels.

What is random comes from the generator given, so all pictures are the same
twice.
"""

import numpy as np
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

PAPERS = [(255, 255, 255), (250, 245, 230), (235, 240, 250), (225, 225, 220)]
INKS = [(20, 20, 25), (25, 35, 110), (150, 25, 30), (90, 90, 95)]


def blow_up(digit, factor=10):
    """Enlarge a digit, and give its strokes edges again: 0.0 to 1.0."""
    size = [factor * length for length in digit.shape[::-1]]
    picture = Image.fromarray(digit.astype(np.float32) / 255)
    return np.clip(picture.resize(size, Image.Resampling.BICUBIC), 0, 1)


def place(ink, size, rng, margin=0):
    """Put ink anywhere on an empty page of (height, width) pixels."""
    page = np.zeros(size, np.float32)
    rows, columns = np.nonzero(ink > 0.2)
    ink = ink[rows.min():rows.max() + 1, columns.min():columns.max() + 1]
    top, left = (rng.integers(margin, full - part - margin + 1)
                 for full, part in zip(size, ink.shape))
    page[top:top + ink.shape[0], left:left + ink.shape[1]] = ink
    return page


def light(size, rng, strength=0.5):
    """A gradient in a random direction, from 1.0 down to 1 - strength."""
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.indices(size)
    slope = rows * np.sin(angle) / size[0] + columns * np.cos(angle) / size[1]
    return 1 - strength * (slope - slope.min()) / np.ptp(slope)


def shadow(size, rng, strength=0.45):
    """The shadow of an arm: a soft-edged half of the page."""
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.indices(size)
    across = ((rows - size[0] * rng.uniform(0.3, 0.7)) * np.sin(angle)
              + (columns - size[1] * rng.uniform(0.3, 0.7)) * np.cos(angle))
    return 1 - strength / (1 + np.exp(-across / (0.008 * max(size))))


def ruled(size, rng, squared=False, darkness=0.5):
    """Rules, and lines down the page if squared: ink from 0.0 to 1.0."""
    lines = Image.new("F", (2 * size[1], 2 * size[0]))
    draw = ImageDraw.Draw(lines)
    step, width = rng.uniform(0.12, 0.3) * size[0], rng.integers(2, 5)
    tilt = np.tan(np.deg2rad(rng.uniform(-1.5, 1.5)))
    for down in (False, True)[:1 + squared]:
        long, high = 2 * size[1 - down], 2 * size[down]
        start = rng.uniform(0, 2 * step)
        for at in np.arange(start - 0.1 * high, 1.1 * high, 2 * step):
            ends = [(0, at), (long, at + (-tilt if down else tilt) * long)]
            ends = [end[::-1] for end in ends] if down else ends
            draw.line(ends, fill=float(darkness), width=int(width))
    return np.asarray(lines.resize(size[::-1], Image.Resampling.BOX))


def paint(ink, paper, colour, brightness=1.0, noise=0.0, rng=None):
    """Mix paper and ink, put light on it, add noise: RGB, uint8."""
    ink = ink[..., np.newaxis]
    picture = np.array(paper) * (1 - ink) + np.array(colour) * ink
    picture = picture * np.asarray(brightness)[..., np.newaxis]
    if noise:
        picture = picture + 255 * noise * rng.standard_normal(picture.shape)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def photo(digit, rng):
    """The issue's photo: moved, tinted, a gradient of light, noise."""
    page = place(blow_up(digit), rng.integers(300, 500, 2), rng)
    return paint(
        page, PAPERS[rng.integers(4)], INKS[rng.integers(4)],
        light(page.shape, rng), rng.uniform(0.01, 0.06), rng,
    )


def in_shadow(digit, rng):
    page = place(blow_up(digit), (480, 480), rng)
    return paint(page, PAPERS[1], INKS[1], shadow(page.shape, rng), 0.02, rng)


def on_rules(digit, rng):
    page = place(blow_up(digit), (420, 520), rng)
    page = np.maximum(page, ruled(page.shape, rng))
    return paint(page, PAPERS[0], INKS[0], light(page.shape, rng, 0.2))


def on_dark_rules(digit, rng):
    page = place(blow_up(digit), (420, 520), rng)
    page = np.maximum(page, ruled(page.shape, rng, darkness=0.9))
    return paint(page, PAPERS[0], INKS[0])


def on_squares(digit, rng):
    page = place(blow_up(digit), (420, 520), rng)
    page = np.maximum(page, ruled(page.shape, rng, squared=True))
    return paint(page, PAPERS[2], INKS[1])


def salted(digit, rng, share=0.03):
    page = place(blow_up(digit), (360, 360), rng)
    picture = paint(page, PAPERS[0], INKS[0])
    hit = rng.random(page.shape)
    picture[hit < share / 2] = 0
    picture[hit > 1 - share / 2] = 255
    return picture


def specked(digit, rng):
    page = place(blow_up(digit), (420, 420), rng)
    for row, column in rng.integers(3, 417, (12, 2)):
        size = rng.integers(1, 4)
        page[row - size:row + size, column - size:column + size] = 0.9
    return paint(page, PAPERS[1], INKS[0])


def repen(ink, pixels):
    """Make strokes about so many pixels thicker, or thinner if negative."""
    mask = np.pad(ink > 0.5, 2 + abs(pixels) // 2)
    if pixels > 0:
        mask = ndimage.distance_transform_edt(~mask) <= pixels / 2
    else:
        depth = ndimage.distance_transform_edt(mask)
        ridge = depth >= ndimage.maximum_filter(depth, 5) - 0.5
        mask = (depth > -pixels / 2) | (ridge & mask)
    return ndimage.gaussian_filter(mask.astype(np.float32), 0.7)


def thin_pen(digit, rng):
    ink = repen(blow_up(digit), -rng.integers(10, 18))
    return paint(place(ink, (400, 400), rng), PAPERS[0], INKS[1], 1.0, 0.02,
                 rng)


def thick_marker(digit, rng):
    ink = repen(blow_up(digit), rng.integers(10, 20))
    return paint(place(ink, (400, 400), rng), PAPERS[1], INKS[0], 1.0, 0.02,
                 rng)


def at_the_edge(digit, rng):
    page = place(blow_up(digit), (300, 300), rng)
    rows, columns = np.nonzero(page > 0.2)
    edge = rng.integers(4)
    page = (page[rows.min():], page[:rows.max() + 1],
            page[:, columns.min():], page[:, :columns.max() + 1])[edge]
    return paint(page, PAPERS[0], INKS[0])


def tight(digit, rng):
    ink = blow_up(digit)
    rows, columns = np.nonzero(ink > 0.2)
    return paint(ink[rows.min():rows.max() + 1,
                     columns.min():columns.max() + 1], PAPERS[0], INKS[0])


def chalk(digit, rng):
    page = place(blow_up(digit), (360, 480), rng)
    return paint(page, (35, 60, 45), (225, 230, 225),
                 light(page.shape, rng, 0.4), 0.03, rng)


def small_on_page(digit, rng):
    page = place(blow_up(digit, 4), (900, 1200), rng)
    return paint(page, PAPERS[1], INKS[1], light(page.shape, rng, 0.4), 0.03,
                 rng)


def pencil(digit, rng):
    page = place(blow_up(digit), (360, 360), rng)
    grain = 0.75 + 0.25 * rng.random(page.shape)
    return paint(page * grain, PAPERS[0], (165, 165, 165), 1.0, 0.02, rng)


def dithered(digit, rng):
    """A photo of 1 bit: dots of black and white for gray, as in a fax."""
    dots = Image.fromarray(photo(digit, rng)).convert("1")
    return np.asarray(dots.convert("RGB"))


def pencil_dithered(digit, rng):
    dots = Image.fromarray(pencil(digit, rng)).convert("1")
    return np.asarray(dots.convert("RGB"))


def grainy(digit, rng):
    page = place(blow_up(digit), rng.integers(300, 500, 2), rng)
    return paint(page, PAPERS[0], INKS[0], 1.0, 0.3, rng)


def wood(size, rng):
    """A table with a grain across: RGB, uint8."""
    grain = ndimage.gaussian_filter1d(rng.standard_normal(size), 20, axis=1)
    table = np.array((90, 60, 40)) + 30 * grain[..., np.newaxis]
    return np.clip(np.rint(table), 0, 255).astype(np.uint8)


def on_a_table(digit, rng, most=6):
    """A sheet of paper, turned by so many degrees, on darker wood."""
    page = place(blow_up(digit, 8), (340, 460), rng, 30)
    sheet = Image.fromarray(paint(page, PAPERS[3], INKS[1])).convert("RGBA")
    sheet = sheet.rotate(
        rng.uniform(-most, most), Image.Resampling.BICUBIC, expand=True)
    photo = Image.fromarray(wood((480, 640), rng))
    photo.paste(sheet, ((640 - sheet.width) // 2, (480 - sheet.height) // 2),
                sheet)
    return np.asarray(photo)


def framed(digit, rng, width=None):
    """A scan with a black frame of so many pixels."""
    page = place(blow_up(digit), (380, 380), rng, 20)
    width = rng.integers(2, 30) if width is None else width
    return np.pad(paint(page, PAPERS[0], INKS[0]), (
        (width, width), (width, width), (0, 0)))


SCENES = {
    "photo": photo, "shadow": in_shadow, "rules": on_rules,
    "dark rules": on_dark_rules, "squares": on_squares,
    "salt and pepper": salted, "specks": specked, "thin pen": thin_pen,
    "thick marker": thick_marker, "at the edge": at_the_edge,
    "cut out tightly": tight, "chalk": chalk,
    "small on a page": small_on_page, "pencil": pencil,
    "dithered": dithered, "pencil, dithered": pencil_dithered,
    "very grainy": grainy, "sheet on a table": on_a_table,
    "framed": framed,
}


FONTS = ["DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono", "STIXGeneral",
         "cmr10", "cmtt10"]


def printed(digit, font):
    """A digit of a font that Matplotlib ships, 280 pixels high."""
    path = font_manager.findfont(font, fallback_to_default=False)
    picture = Image.new("L", (400, 400), 255)
    ImageDraw.Draw(picture).text(
        (90, 40), str(digit), font=ImageFont.truetype(path, 280), fill=0)
    return picture
