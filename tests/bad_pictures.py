"""What people try that is no picture of one digit, and what they are told."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tests.scenes import PAPERS, blow_up, paint, place


def encoded(picture, kind="PNG", **options):
    """The bytes of a file with a picture."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def huge_png(width, height):
    """A tiny PNG that says it holds far more pixels than it does."""
    def chunk(name, content):
        return (struct.pack(">I", len(content)) + name + content
                + struct.pack(">I", zlib.crc32(name + content)))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))


def damaged_files(digit, folder):
    """Files and bytes: name, what is given, words of its message."""
    clear = Image.fromarray(paint(blow_up(digit), PAPERS[0], (0, 0, 0)))
    frames = [clear.rotate(turn) for turn in (0, 10, 20)]
    (folder / "empty.png").write_bytes(b"")
    (folder / "notes.png").write_text("Bread, milk, 3 apples")
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
    (folder / "digit.svg").write_text(svg)
    png, jpeg = encoded(clear), encoded(clear, "JPEG")
    return [
        ("missing file", folder / "none.png", "cannot be read"),
        ("folder", folder, "cannot be read"),
        ("address", "https://example.org/7.png", "address"),
        ("address as a path", Path("http://example.org/7.png"), "address"),
        ("picture in an address", "data:image/png;base64," + "A" * 9999,
         "address"),
        ("path with a NUL", "digit\0.png", "cannot be read"),
        ("file of 0 bytes", folder / "empty.png", "0 bytes"),
        ("no bytes", b"", "0 bytes"),
        ("text named .png", folder / "notes.png", "not a picture"),
        ("SVG", folder / "digit.svg", "SVG"),
        ("SVG with an XML head", b"<?xml version='1.0'?>" + svg.encode(),
         "SVG"),
        ("PDF", b"%PDF-1.7 ...", "PDF"),
        ("web page", b"<!DOCTYPE html><title>7</title>", "web page"),
        ("office document", b"PK\x03\x04 word/document.xml", "ZIP"),
        ("HEIC photo", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        ("EPS", encoded(clear, "EPS"), "EPS"),
        ("PNG cut off", png[:len(png) // 2], "decoded"),
        ("JPEG cut off", jpeg[:len(jpeg) // 2], "decoded"),
        ("PNG of a head alone", png[:20], "not a picture"),
        ("bomb of 400 megapixels", huge_png(20_000, 20_000), "pixels"),
        ("bomb of 64 megapixels", huge_png(8000, 8000), "pixels"),
        ("animated GIF", encoded(frames[0], "GIF", save_all=True,
                                 append_images=frames[1:]), "3 pictures"),
        ("TIFF of three pages", encoded(frames[0], "TIFF", save_all=True,
                                        append_images=frames[1:]),
         "3 pictures"),
    ]


def wrong_arrays():
    """Arrays and other objects: name, what is given, words."""
    gray = np.full((40, 40), 0.5)
    hole, end = gray.copy(), gray.copy()
    hole[3, 4], end[3, 4] = np.nan, np.inf
    mask = (np.add(*np.indices((40, 40))) % 9 < 2).astype(int)
    return [
        ("NaN", hole, "not finite"),
        ("infinity", end, "not finite"),
        ("floats from 0 to 255", 255 * gray, "from 0 to 1"),
        ("negative integers", np.full((40, 40), -1), "from -1"),
        ("integers 0 and 1", mask, "array / 1"),
        ("bytes 0 and 1 in colour", np.stack([mask] * 3, -1).astype("u1"),
         "array / 1"),
        ("integers from 0 to 16", 16 * mask, "array / 16"),
        ("floats a little above 1", mask * 1.00002, "to 1.00002"),
        ("floats just above 1", mask * 1.000002, "to 1.000002"),
        ("integers beyond 16 bits", np.full((40, 40), 99_999), "65535"),
        ("one axis", gray[0], "shape"),
        ("a batch of four axes", gray[None, ..., None], "shape"),
        ("two channels", np.stack([gray, gray], -1), "shape"),
        ("five channels", np.stack([gray] * 5, -1), "shape"),
        ("empty array", np.zeros((0, 0)), "too few"),
        ("complex numbers", gray + 1j, "no picture"),
        ("array of text", np.array([["a"] * 9] * 9), "no picture"),
        ("None", None, "no picture"),
        ("a number", 7, "shape"),
        ("ragged lists", [[1, 2], [3]], "no picture"),
        ("7 by 7 pixels", np.zeros((7, 7), np.uint8), "too few"),
        ("1,000 by 10 pixels", np.zeros((10, 1000), np.uint8), "narrow"),
    ]


def nothing_to_read(digit, other):
    """Pictures that open, and show no digit or several."""
    rng = np.random.default_rng(0)
    size = (300, 400)
    one, two = blow_up(digit), blow_up(other)
    gap = np.zeros((280, 40), np.float32)
    dash = np.zeros(size, np.float32)
    dash[140:160, 100:300] = 1
    lines = Image.new("L", size[::-1], 255)
    draw = ImageDraw.Draw(lines)
    for row in range(20, 300, 40):
        draw.line([(0, row), (400, row)], fill=120, width=2)
    light = np.linspace(0.4, 1, 400) * np.ones(size)
    clear = Image.new("RGBA", size[::-1], (0, 0, 0, 0))
    columns = np.indices(size).sum(axis=0)
    circled = Image.fromarray(place(one, (500, 500), rng, 105))
    ImageDraw.Draw(circled).ellipse([20, 20, 480, 480], outline=1.0, width=9)
    return [
        ("white page", np.full(size, 255, np.uint8), "No ink"),
        ("black page", np.zeros(size, np.uint8), "No ink"),
        ("blank page, grainy", 0.9 + 0.02 * rng.standard_normal(size).clip(
            -4, 4), "No ink"),
        ("blank page in slanting light", light, "No ink"),
        ("transparent page", clear, "No ink"),
        ("page ruled, nothing written", lines, ""),
        ("noise", rng.random(size), ""),
        ("noise of bytes in colour", rng.integers(
            0, 256, (*size, 3), dtype=np.uint8), ""),
        ("noise of black and white", rng.random(size) < 0.5, ""),
        ("black specks all over", rng.random(size) > 0.1, ""),
        ("chessboard", np.where(np.add(*np.indices(size) // 8) % 2, 255, 0
                                ).astype(np.uint8), ""),
        ("stripes", np.where(columns % 12 < 6, 255, 0).astype(np.uint8), ""),
        ("two digits", paint(np.hstack([one, gap, two]), PAPERS[0],
                             (0, 0, 0)), "2 separate"),
        ("one digit above another", paint(np.vstack([one, gap.T, two]),
                                          PAPERS[0], (0, 0, 0)),
         "2 separate"),
        ("a digit in a circle", paint(np.array(circled), PAPERS[0],
                                      (0, 0, 0)), "ring"),
        ("a dash", paint(dash, PAPERS[0], (0, 0, 0)), "as wide as high"),
    ]


def bad_pictures(digit, other, folder):
    """All of them: a list of (name, what is given, words of its message)."""
    return (damaged_files(digit, folder) + wrong_arrays()
            + nothing_to_read(digit, other))
