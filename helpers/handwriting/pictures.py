"""Open any picture of handwriting: check it, reduce it, turn it to gray."""

import io
import os
import warnings

import numpy as np
from PIL import Image, ImageOps

# What cameras, scanners and drawing programs write. No other of Pillow's
# parsers sees a file: that of EPS would start another program.
FORMATS = ("AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "JPEG2000", "PCX",
           "PNG", "PPM", "TGA", "TIFF", "WEBP")
HEIC = (b"ftyphe", b"ftypmi")  # iPhones' photos, from the fifth byte
# How files begin that are often tried and are no pictures of pixels.
STRANGERS = {
    b"%pdf": "a PDF", b"<svg": "an SVG", b"<?xml": "XML, perhaps an SVG",
    b"<!doc": "a web page", b"<html": "a web page",
    b"pk\x03\x04": "a ZIP archive or an office document"}
MOST_PIXELS = 50_000_000  # decoded; in RGB 150 MB
FEWEST = 8  # pixels on a side: scikit-learn's digits have 8
MOST_STRETCHED = 50  # times as long as high: no line of digits is longer
OPAQUE_PAPER = 0.6  # share of its box that it fills; most digits fill less
LEAST_CONTRAST = 0.08  # brightness: pencil on paper has 0.2 or more


class HandwritingError(ValueError):
    """A picture without a digit: why, and `find_steps`'s ``steps`` so far."""

    def __init__(self, message, steps=None):
        super().__init__(message)
        self.steps = steps or {}


def open_gray(image, longest=900):
    """Open a picture, upright as its EXIF note says, and turn it to gray.

    Takes a file's path (str, Path) or content (bytes), a PIL.Image.Image, or
    an array of shape (height, width[, 1, 3 or 4], the fourth opacity): bool,
    floats from 0.0 to 1.0, or integers from 0 to 255, 4095 or 65535. A longer
    side is reduced to ``longest`` pixels.

    Returns the picture, of shape (height, width[, 3 or 4]), uint8; the same
    in gray, of shape (height, width), float32 from 0.0 for black to 1.0 for
    white; and the factor, at most 1.0, by which its sides were reduced. Raises
    HandwritingError if that is not one picture, or too large, too small, or
    damaged.
    """
    name = "This"
    if isinstance(image, str | os.PathLike):
        name, image = _read_file(image)
    if isinstance(image, bytes | bytearray | memoryview):
        image = _open_file(bytes(image), name)
        side = max(image.size)
        image.draft("RGB", (longest, longest))  # decode a JPEG no larger
        picture = _decode(image)
    elif isinstance(image, Image.Image):
        side, picture = max(image.size), _decode(image)
    else:
        picture = _from_array(image)
        side = max(picture.size)
    picture.thumbnail((longest, longest), reducing_gap=1)
    original = np.asarray(picture)
    gray = _to_gray(original.astype(np.float32) / np.float32(255))
    return original, np.clip(gray, 0, 1), max(picture.size) / side


def _read_file(path):
    name = str(path).replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        with open(path, "rb") as file:
            return f"The file {name}", file.read()
    except (OSError, ValueError) as problem:  # ValueError: a NUL in a path
        if name[:6].lower().startswith(("http:", "https:", "data:")):
            raise HandwritingError(
                f"An address was given ({name[:30]}…). Save the picture "
                "first, and give its file.") from None
        reason = getattr(problem, "strerror", None) or problem
        raise HandwritingError(f"The file {name} cannot be read: {reason}. "
                               "Check its name.") from None


def _open_file(content, name):
    if not content:
        raise HandwritingError(
            f"{name} is empty (0 bytes). Was it copied or saved to the end?")
    start = content[:300].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, what in STRANGERS.items():
        if start.startswith(mark):
            raise HandwritingError(
                f"{name} is {what}. Save the picture in it as PNG.")
    try:
        with warnings.catch_warnings(action="ignore"):  # of its size
            if content[4:10] in HEIC:
                from pillow_heif import HeifImageFile  # Colab lacks it

                return HeifImageFile(io.BytesIO(content))
            return Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise HandwritingError(
            f"{name} says that it holds more than {MOST_PIXELS:,} pixels. "
            "Reduce it, or cut out the digit.") from None
    except Exception:  # the parsers raise many kinds on damaged files
        raise HandwritingError(
            f"{name} is not a picture that can be read, or is damaged. PNG "
            "and JPEG are the safest choices.") from None


def _decode(picture):
    """Decode a picture, upright, as mode L, RGB or RGBA; return a copy."""
    _check_size(*picture.size)
    frames = getattr(picture, "n_frames", 1)
    # A phone's photo may be followed by helpers such as a map of depth.
    if frames > 1 and picture.format not in ("MPO", "HEIF"):
        raise HandwritingError(
            f"The file holds {frames} pictures (an animation or pages), and "
            "one is due. Save the one with the digit as PNG.")
    try:
        with warnings.catch_warnings(action="ignore"):  # EXIF is damaged, ...
            picture = ImageOps.exif_transpose(picture)
            mode = picture.mode
            if mode == "La":  # Pillow knows no direct way
                picture = picture.convert("LA")
            if mode[0] not in "IF":
                clear = mode[-1] in "Aa" or "transparency" in picture.info
                kept = "RGBA" if clear else "L" if mode in "1L" else "RGB"
                return picture if mode == kept else picture.convert(kept)
            values = np.asarray(picture)
    except Exception as problem:  # Pillow raises many kinds here, too
        raise HandwritingError(
            f"The picture begins well, but cannot be decoded ({problem}). "
            "Was it copied or saved to the end?") from None
    if mode == "F":  # cubic curves go a little beyond white
        white = 1 if values.max() < 2 else _full_scale(values.max())
        values = np.minimum(values / np.float32(white), 1)
    return _from_array(values)


def _check_size(width, height):
    for wrong, what in (
        (width * height > MOST_PIXELS, f", and at most {MOST_PIXELS:,} are "
         "read. Reduce it, or cut out the digit"),
        (min(width, height) < FEWEST,
         f": too few to read. Each side needs at least {FEWEST}"),
        (max(width, height) > MOST_STRETCHED * min(width, height),
         ": too narrow to hold a digit. Cut out the part with it"),
    ):
        if wrong:
            raise HandwritingError(
                f"The picture has {width:,} × {height:,} pixels{what}.")


def _from_array(image):
    """Make an array a Pillow picture of mode L, RGB or RGBA."""
    try:
        array = np.asarray(image)
    except Exception:
        array = np.array(None)
    if array.dtype.kind not in "buif":
        raise HandwritingError(
            f"This is no picture but of the type {type(image).__name__}. Give "
            "a path, bytes, a Pillow picture, or an array of numbers.")
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 3, 4):
        raise HandwritingError(
            f"An array of shape {array.shape} is not one picture. Give "
            "(height, width) or (height, width, 1, 3 or 4).")
    _check_size(array.shape[1], array.shape[0])
    low, high = array.min(), array.max()
    whole = array.dtype.kind in "ui"
    white = _full_scale(high) if whole else 1
    problem = None
    if not (np.isfinite(low) and np.isfinite(high)):
        problem = "numbers that are not finite (NaN or infinity)"
    elif whole and 0 <= low < high <= 16:  # masks, and scikit-learn's digits
        problem = (f"integers up to {high}, and white is 255: all is black. "
                   f"Is it array / {high} that is meant")
    elif low < -1e-6 or high > white + 1e-6:  # more than rounding adds
        problem = f"{array.dtype} values from {low:.7g} to {high:.7g}"
    if problem:
        raise HandwritingError(
            f"The array holds {problem}. Give integers from 0 to "
            f"{white if whole else 255}, or floats from 0 to 1.")
    if array.dtype != np.uint8:
        array = np.multiply(array, 255 / white, dtype=np.float32)
        array = np.rint(array, out=array).astype(np.uint8)
    return Image.fromarray(array[..., 0] if array.shape[2:] == (1,) else array)


def _full_scale(high):
    return 255 if high <= 255 else 4095 if high <= 4095 else 65535


def _to_gray(values):
    """Turn floats from 0.0 to 1.0 to gray, and lay them on paper."""
    if values.ndim == 2:
        return values
    gray = _lightness(values[..., :3])
    if values.shape[2] == 3 or values[..., 3].min() > 0.99:
        return gray
    opacity = values[..., 3]
    seen = opacity > 0.5
    if not seen.any() or np.std(gray[seen]) < LEAST_CONTRAST:
        return opacity  # the drawing is in the opacity alone
    rows, columns = np.nonzero(seen)
    box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    if len(rows) < OPAQUE_PAPER * box:  # what is white was erased
        return opacity * (gray < 1 - LEAST_CONTRAST)
    return gray * opacity + np.median(gray[seen]) * (1 - opacity)


def _lightness(colours):
    """Turn colours to gray so that the ink stands out.

    That is the luma of ITU-R BT.601, as in Pillow, unless the colours differ
    much more along their first principal component: red ink on green paper.
    """
    luma = np.array([0.299, 0.587, 0.114], np.float32)
    step = 1 + 3 * (min(colours.shape[:2]) >= 64)  # a sample says enough
    pixels = colours[::step, ::step].reshape(-1, 3)
    main = np.linalg.eigh(np.cov(pixels.T))[1][:, -1]
    main = main * np.sign(main @ luma or 1) / np.abs(main).sum()
    if np.std(pixels @ main) > 2 * np.std(pixels @ luma):
        return (colours @ main - np.minimum(main, 0).sum()).astype(np.float32)
    return colours @ luma
