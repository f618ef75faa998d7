"""Open any picture of handwriting, and turn it to gray.

Whatever comes in, a file, bytes, a Pillow picture or an array, goes through
the same three steps: it is checked, made a Pillow picture of one of four
modes, and reduced or enlarged to a size that is quick to work on.
"""

import io
import os
import warnings

import numpy as np
from PIL import Image, ImageOps

# What cameras, scanners and drawing programs write. Other formats that
# Pillow knows are refused: it would start another program to read EPS.
FORMATS = {
    "AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "JPEG2000", "MPO", "PCX",
    "PNG", "PPM", "TGA", "TIFF", "WEBP",
}
MOST_PIXELS = 50_000_000  # a phone's largest photo; in RGB 150 MB
FEWEST = 8  # pixels on a side: scikit-learn's digits have 8
MOST_STRETCHED = 50  # times as long as high: no line of digits is longer
FULL_SCALES = (255, 4095, 65535)  # white in 8, 12 and 16 bits
FEW_LEVELS = 16  # scikit-learn's digits have these, and masks have 1
ROUNDING = 1e-6  # floats may be so far beyond 0 and 1
CARD = 0.6  # of its box, that opaque paper fills; 97 % of digits fill less
WHITE = 0.9  # brightness from which a transparent drawing's paint is paper
ONE_INK = 0.1  # deviation of brightness below which a drawing is one ink

# How files begin that are often tried and are no pictures of pixels.
STRANGERS = {
    b"%PDF": "a PDF. Save the page as PNG first",
    b"<svg": "an SVG, a drawing of lines and not of pixels. Save it as PNG",
    b"<?xml": "an XML file, perhaps an SVG, a drawing of lines and not of "
              "pixels. Save it as PNG",
    b"<!DOC": "a web page. Save the picture itself",
    b"<html": "a web page. Save the picture itself",
    b"PK\x03\x04": "a ZIP archive or an office document. Save the picture "
                   "itself as PNG",
}


class HandwritingError(ValueError):
    """A picture that holds no readable digit; the message says why.

    ``steps`` holds what :func:`helpers.handwriting.find_steps` had found
    until then: a dictionary from names to pictures, perhaps empty.
    """

    def __init__(self, message, steps=None):
        super().__init__(message)
        self.steps = steps or {}


def open_gray(image, longest=900):
    """Open a picture and turn it to gray.

    Parameters
    ----------
    image : str, Path, bytes, PIL.Image.Image or array
        A file's path or content, a picture, or an array of shape
        (height, width[, 1, 3 or 4]): bool, integers from 0 (white is 255,
        4095 or 65535, the first that is enough), or floats from 0.0 to 1.0.
        Four channels are red, green, blue and opacity.
    longest : int
        A longer side is reduced to so many pixels.

    Returns
    -------
    original : array of shape (height, width[, 3 or 4]), uint8
        The picture, upright as its EXIF note says, at most ``longest``.
    gray : array of shape (height, width), float32
        The same picture from 0.0 for black to 1.0 for white.
    factor : float
        Pixels of these for each pixel of the picture given, at most 1.0.

    Raises
    ------
    HandwritingError
        If there is no picture, more than one, or one that is too large, too
        small, or damaged.
    """
    if isinstance(image, str | os.PathLike):
        picture = _open_file(image)
    elif isinstance(image, bytes | bytearray | memoryview):
        picture = _open_bytes(bytes(image))
    elif isinstance(image, Image.Image):
        picture = image
    else:
        picture = _from_array(image)
    side = max(picture.size)
    if picture is not image:
        picture.draft("RGB", (longest, longest))  # JPEG: decode no more
    picture = _reduce(_load(picture), longest)
    gray = np.clip(_to_gray(picture), 0, 1)
    return _as_bytes(picture), gray, max(picture.size) / side


def _open_file(path):
    address = str(path)[:30].partition(":")[0].lower()
    if address in ("http", "https", "data") and not os.path.exists(path):
        raise HandwritingError(
            f"An address was given ({str(path)[:30]}…), and files are read. "
            "Save the picture first, and give its file."
        )
    try:
        if os.path.getsize(path) > 8 * MOST_PIXELS:  # before it is read
            raise HandwritingError(
                f"The file {path} is too large for a picture "
                f"({os.path.getsize(path):,} bytes). Is it the right file?"
            )
        with open(path, "rb") as file:
            content = file.read()
    except (OSError, ValueError) as problem:  # ValueError: a NUL in a path
        reason = getattr(problem, "strerror", None) or problem
        name = str(path).replace("\0", "\N{REPLACEMENT CHARACTER}")
        raise HandwritingError(
            f"The file {name} cannot be read: {reason}. Check its name."
        ) from None
    return _open_bytes(content, f"The file {path}")


def _open_bytes(content, name="The content given"):
    if not content:
        raise HandwritingError(
            f"{name} is empty (0 bytes). Was it copied or saved to the end?"
        )
    start = content[:300].lstrip(b"\xef\xbb\xbf \t\r\n")
    for mark, what in STRANGERS.items():
        if start[:len(mark)].lower() == mark.lower():
            raise HandwritingError(f"{name} is {what}.")
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        raise HandwritingError(
            f"{name} is a HEIC photo, which is not read here. Save it as "
            "JPEG or PNG."
        )
    try:
        with warnings.catch_warnings():  # its size is checked here, by us
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(content))
    except Image.DecompressionBombError:
        raise HandwritingError(
            f"{name} says that it holds more than {MOST_PIXELS:,} pixels. "
            "Reduce it, or cut out the digit."
        ) from None
    except Exception:  # Pillow raises many kinds on damaged files
        raise HandwritingError(
            f"{name} is not a picture that can be read, or is damaged. PNG "
            "and JPEG are the safest choices."
        ) from None
    if picture.format not in FORMATS:
        raise HandwritingError(
            f"{name} is a picture of the kind {picture.format}, which is "
            "not read here. Save it as PNG or JPEG."
        )
    return picture


def _from_array(image):
    """Make an array a Pillow picture, after every check."""
    try:
        array = np.asarray(image)
    except Exception:
        array = np.array(None)
    if array.dtype.kind not in "buif":
        raise HandwritingError(
            f"This is no picture but {_name(image)}. Give a file's path, "
            "its bytes, a Pillow picture, or an array of numbers."
        )
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 3, 4):
        raise HandwritingError(
            f"An array of shape {array.shape} is not one picture. Give "
            "(height, width), with 1, 3 or 4 channels as a third axis if "
            "there are any."
        )
    _check_size(array.shape[1], array.shape[0])
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise HandwritingError(
            "The array holds numbers that are not finite (NaN or infinity). "
            "Give floats from 0.0 to 1.0."
        )
    white = 1.0 if array.dtype.kind in "bf" else _full_scale(high)
    if array.dtype.kind in "ui" and 0 <= low < high <= FEW_LEVELS:
        raise HandwritingError(
            f"The integers go from {low} to {high}, and white is 255, so "
            f"that all is black. Give floats from 0.0 to 1.0: array / {high}."
        )
    if low < -ROUNDING or high > white + ROUNDING:
        raise HandwritingError(
            f"The array holds {array.dtype} values from {low:.7g} to "
            f"{high:.7g}. "
            f"Give them from 0 to {white:g}: bytes as uint8, shares as float."
        )
    if channels > 1:
        scaled = array if array.dtype == np.uint8 else np.rint(
            array * np.float32(255 / white)
        ).astype(np.uint8)
        return Image.fromarray(np.ascontiguousarray(scaled))
    return Image.fromarray(
        array.reshape(array.shape[:2]).astype(np.float32) / np.float32(white)
    )


def _name(thing):
    if isinstance(thing, np.ndarray):
        return f"an array of {thing.dtype.name}"
    return f"of the type {type(thing).__name__}"


def _full_scale(high):
    return next((f for f in FULL_SCALES if high <= f), FULL_SCALES[-1])


def _check_size(width, height):
    if width * height > MOST_PIXELS:
        raise HandwritingError(
            f"The picture has {width:,} × {height:,} pixels, and at most "
            f"{MOST_PIXELS:,} are read. Reduce it, or cut out the digit."
        )
    if min(width, height) < FEWEST:
        raise HandwritingError(
            f"The picture has {width} × {height} pixels: too few to read. "
            f"Each side needs at least {FEWEST}."
        )
    if max(width, height) > MOST_STRETCHED * min(width, height):
        raise HandwritingError(
            f"The picture has {width:,} × {height:,} pixels: too narrow to "
            "hold a digit. Cut out the part with the digit."
        )


def _load(picture):
    """Decode a picture, upright, as mode F (0.0 to 1.0), L, RGB or RGBA."""
    _check_size(*picture.size)
    frames = getattr(picture, "n_frames", 1)
    # A phone's MPO holds the photo, then helpers such as a map of depth.
    if frames > 1 and picture.format != "MPO":
        raise HandwritingError(
            f"The file holds {frames} pictures (an animation or pages), and "
            "one is due. Save the one with the digit as PNG."
        )
    try:
        with warnings.catch_warnings():  # such as: an EXIF note is damaged
            warnings.simplefilter("ignore")
            picture = ImageOps.exif_transpose(picture)
            if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
                return _deep_to_float(picture)
            if picture.mode == "La":  # Pillow knows no direct way
                picture = picture.convert("LA")
            clear = "transparency" in picture.info
            if clear or picture.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
                return picture.convert("RGBA")
            if picture.mode in ("1", "L"):
                return picture.convert("L")
            return picture.convert("RGB")
    except HandwritingError:
        raise
    except Exception as problem:  # Pillow raises many kinds here, too
        raise HandwritingError(
            f"The picture begins well, but cannot be decoded ({problem}). "
            "Was it copied or saved to the end?"
        ) from None


def _deep_to_float(picture):
    """Scale 16 or 32 bits to floats from 0 to 1."""
    values = np.asarray(picture).astype(np.float32)
    if picture.mode == "F" and np.isfinite(values).all():
        # What was resized with cubic curves goes a little beyond 1.
        white = 1.0 if values.max() < 2 else _full_scale(values.max())
        values = np.minimum(values / np.float32(white), 1)
    elif values.dtype == np.float32:
        values = values / np.float32(_full_scale(values.max()))
    return _from_array(values)


def _reduce(picture, longest):
    """Bring the longer side down to ``longest``."""
    factor = longest / max(picture.size)
    if factor >= 1:
        return picture
    size = [max(1, round(length * factor)) for length in picture.size]
    return picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _as_bytes(picture):
    if picture.mode == "F":
        return np.rint(255 * np.clip(np.asarray(picture), 0, 1)).astype("u1")
    return np.asarray(picture)


def _to_gray(picture):
    """Turn a picture of the four modes to an array from 0.0 to 1.0."""
    if picture.mode == "F":
        return np.asarray(picture)
    values = np.asarray(picture, np.float32) / np.float32(255)
    if picture.mode == "RGBA":
        return _flatten(values[..., :3], values[..., 3])
    return _lightness(values) if picture.mode == "RGB" else values


def _lightness(colours):
    """Turn colours to gray so that the ink stands out.

    That is the luma of ITU-R BT.601, as in Pillow, unless the colours differ
    much more along another axis, such as red ink on green paper: then their
    first principal component.
    """
    luma = np.array([0.299, 0.587, 0.114], np.float32)
    pixels = colours[::4, ::4].reshape(-1, 3)
    if min(colours.shape[:2]) < 64:
        pixels = colours.reshape(-1, 3)
    axes = np.linalg.eigh(np.cov(pixels.T))[1]
    main = axes[:, -1] * np.sign(axes[:, -1] @ luma or 1)
    main = (main / np.abs(main).sum()).astype(np.float32)
    if np.std(pixels @ main) > 2 * np.std(pixels @ luma):
        return colours @ main - np.minimum(main, 0).sum()
    return colours @ luma


def _flatten(colours, opacity):
    """Lay a picture with transparent parts on paper.

    If all that can be seen has one brightness, the drawing is in the opacity
    alone; and nearly so if it fills little of its box: then what is white
    was painted over, or erased. Otherwise the paper can be seen, and is as
    bright as most of what can.
    """
    gray = _lightness(colours)
    seen = gray[opacity > 0.5]
    if len(seen) == 0 or opacity.min() > 0.99:
        return gray if len(seen) else opacity
    if np.std(seen) < ONE_INK:
        return opacity
    rows, columns = np.nonzero(opacity > 0.5)
    if len(seen) < CARD * (np.ptp(rows) + 1) * (np.ptp(columns) + 1):
        return opacity * (gray < WHITE)
    return gray * opacity + np.median(seen) * (1 - opacity)
