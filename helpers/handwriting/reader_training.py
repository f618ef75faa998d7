"""Train a network of the reader of lines, as ``make reader`` does.

Other processes compose lines all the while. Each is seen about twice: when it
is new, and some minutes later. With ``KERAS_BACKEND=torch`` a GPU trains.
"""

import argparse
import time
from functools import partial
from itertools import count, pairwise
from multiprocessing import cpu_count, get_context

import keras
import numpy as np

from helpers.data import load_mnist, split_validation
from helpers.handwriting import reader
from helpers.handwriting.composer import compose, make_glyphs

BATCHES, KEPT = 32, 30  # of a chunk of lines; chunks that are seen again
VALIDATION = 10000  # of MNIST's training digits, that are never composed of
STEEP, FLAT = 2e-3, 1e-5  # learning rates at the begin and the end
WARM = 500  # steps until the steepest
WIDEST, MOST = 400, 24  # pixels and symbols of the longest line


def start():
    """Make the glyphs, once, in each process that composes."""
    global GLYPHS
    (x, y), _ = split_validation(*load_mnist()[0], VALIDATION)
    GLYPHS = make_glyphs(x, y, drawn=150)


def compose_chunk(seed, batch):
    """Compose lines, as bytes, since they go to another process."""
    rng, lines = np.random.default_rng([18, seed]), []
    while len(lines) < BATCHES * batch:
        line, text = compose(GLYPHS, rng)
        columns = len(text) + sum(a == b for a, b in pairwise(text)) + 1
        if reader.COLUMN * columns <= line.shape[1] <= WIDEST:
            lines.append((np.round((line + 0.5) * 127).astype(np.uint8), text))
    return lines


def make_batches(lines):
    """Sort lines by their width into batches, as a step of training takes.

    Yields lines of shape (count, 32, width, 1), float32, and for each of them
    its columns, then its symbols, then nothing: shape (count, 25), int32.
    """
    lines = sorted(lines, key=lambda line: line[0].shape[1])
    size = len(lines) // BATCHES
    for at in range(0, len(lines), size):
        images, texts = zip(*lines[at:at + size])
        width = -(-images[-1].shape[1] // 32) * 32  # few shapes to compile
        pixels = np.zeros((len(images), reader.HEIGHT, width, 1), np.float32)
        symbols = np.full((len(images), 1 + MOST), reader.NOTHING, np.int32)
        for row, (image, text) in enumerate(zip(images, texts)):
            pixels[row, :, :image.shape[1], 0] = image / np.float32(127) - 0.5
            symbols[row, 0] = -(-image.shape[1] // reader.COLUMN)
            symbols[row, 1:1 + len(text)] = [*map(reader.SYMBOLS.index, text)]
        yield pixels, symbols


def ctc(symbols, scores):
    """CTC's loss of scores, for the symbols of :func:`make_batches`."""
    symbols = keras.ops.cast(symbols, "int32")
    texts = symbols[:, 1:]
    lengths = keras.ops.count_nonzero(texts != reader.NOTHING, 1)
    return keras.ops.ctc_loss(
        texts, scores, lengths, symbols[:, 0], mask_index=reader.NOTHING)


def save_weights(network, name):
    """Save weights as 8-bit integers, with a scale for each filter."""
    parts = []
    for weight in network.get_weights():
        if weight.ndim == 1:
            parts += [np.float16(weight), np.float16(1)]
        else:
            scale = np.float16(np.maximum(
                np.abs(weight).max(tuple(range(weight.ndim - 1))) / 127, 1e-6))
            parts += [np.int8(np.clip(np.round(weight / scale), -127, 127)),
                      scale]
    np.savez_compressed(reader.WEIGHTS.format(name), *parts)


def train(name, minutes, batch, steep, seed, again):
    """Train "fine" or "wide", and save its weights now and then.

    ``batch`` is in lines, and ``steep`` the highest learning rate. The seed is
    that of the lines and of the first weights, unless it trains ``again``.
    """
    keras.utils.set_random_seed(seed)
    model = (reader.load_network if again else reader.build_reader)(name)
    model.compile(keras.optimizers.AdamW(
        steep, weight_decay=1e-4, global_clipnorm=5.0), ctc, jit_compile=False)
    rng, orders = np.random.default_rng(seed), count(seed * 10**6)
    done, losses, chunks = 0, [], []
    with get_context("spawn").Pool(cpu_count() // 2 or 1, start) as pool:
        order = partial(pool.apply_async, compose_chunk)
        coming = [order((next(orders), batch)) for _ in range(cpu_count())]
        begin = time.monotonic()
        while done < 1:
            batches = []
            if not chunks or coming[0].ready():
                chunks = [*chunks[-KEPT:], coming.pop(0).get()]
                coming.append(order((next(orders), batch)))
                batches += make_batches(chunks[-1])
            batches += make_batches(chunks[rng.integers(len(chunks))])
            rng.shuffle(batches)
            for pixels, symbols in batches:
                done = min(1, (time.monotonic() - begin) / 60 / minutes)
                model.optimizer.learning_rate = FLAT + (steep - FLAT) * min(
                    1, len(losses) / WARM) * (1 + np.cos(np.pi * done)) / 2
                model.reset_metrics()
                losses.append(model.train_on_batch(pixels, symbols))
            print(f"{done:.0%}: loss {np.mean(losses[-99:]):.3f}", flush=True)
            save_weights(model, name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=reader.NETWORKS)
    for option, usual in (("minutes", 45.0), ("batch", 32), ("steep", STEEP),
                          ("seed", 0)):
        parser.add_argument(f"--{option}", type=type(usual), default=usual)
    parser.add_argument("--again", action="store_true",
                        help="begin at the weights that are there")
    train(**vars(parser.parse_args()))
