"""Train the reader of lines, as ``make reader`` does.

Other processes compose lines all the while. While none are ready, those of
some minutes ago are seen again.
"""

import argparse
import multiprocessing
import time
from itertools import count, pairwise

import keras
import numpy as np
import tensorflow as tf

from helpers.data import load_mnist, split_validation
from helpers.handwriting.composer import compose, make_glyphs
from helpers.handwriting.reader import (
    COLUMN,
    HEIGHT,
    NOTHING,
    SYMBOLS,
    WEIGHTS,
    build_reader,
)

CHUNK, BATCH = 1024, 32  # lines
KEPT = 30  # chunks that may be seen again
VALIDATION = 10000  # of MNIST's training digits, that are never composed of
STEEP, FLAT = 2e-3, 1e-5  # learning rates at the begin and the end
WARM = 500  # steps until the steepest
WIDEST = 400  # pixels: longer lines are left out


def start():
    """Make the glyphs, once, in the process that composes."""
    global GLYPHS
    (x, y), _ = split_validation(*load_mnist()[0], VALIDATION)
    GLYPHS = make_glyphs(x, y)


def compose_chunk(seed):
    """Compose lines, as bytes, since they go to another process."""
    rng = np.random.default_rng([18, seed])
    lines = []
    while len(lines) < CHUNK:
        line, text = compose(GLYPHS, rng)
        columns = len(text) + sum(a == b for a, b in pairwise(text))
        if COLUMN * columns + COLUMN <= line.shape[1] <= WIDEST:
            lines.append((np.round((line + 0.5) * 127).astype(np.uint8), text))
    return lines


def make_batches(lines):
    """Sort lines by their width into batches, as :func:`train` takes them."""
    lines = sorted(lines, key=lambda line: line[0].shape[1])
    for at in range(0, len(lines), BATCH):
        part = lines[at:at + BATCH]
        widths = np.array([line.shape[1] for line, _ in part], np.int32)
        pixels = np.zeros(
            (len(part), HEIGHT, -(-widths.max() // 32) * 32, 1), np.float32)
        for row, (line, _) in enumerate(part):
            pixels[row, :, :line.shape[1], 0] = line / np.float32(127) - 0.5
        # TensorFlow's CTC takes no empty text: see the loss.
        symbols = [(row, place, SYMBOLS.index(symbol))
                   for row, (_, text) in enumerate(part)
                   for place, symbol in enumerate(text or "x")]
        yield (pixels, -(-widths // COLUMN), np.array(symbols),
               np.array([text == "" for _, text in part]))


def train(minutes=45.0, weights=None, composers=1, seed=0, path=WEIGHTS):
    """Train for some minutes, and save the network's weights each minute.

    Parameters
    ----------
    minutes : float
    weights : str or Path, optional
        Where to begin, as saved before.
    composers : int
        Processes that compose lines.
    seed : int
        Of the lines and of the weights.
    path : str or Path
        Where to save.
    """
    keras.utils.set_random_seed(seed)
    model = build_reader()
    if weights:
        with np.load(weights) as file:
            model.set_weights([file[name].astype(np.float32) for name in file])
    optimiser = keras.optimizers.AdamW(
        STEEP, weight_decay=1e-4, global_clipnorm=5.0)

    @tf.function(reduce_retracing=True)
    def step(pixels, widths, symbols, empty):
        texts = tf.SparseTensor(
            symbols[:, :2], tf.cast(symbols[:, 2], "int32"),
            [tf.shape(pixels, "int64")[0], WIDEST])
        with tf.GradientTape() as tape:
            scores = model(pixels, training=True)
            losses = tf.nn.ctc_loss(
                texts, scores, None, widths, logits_time_major=False,
                blank_index=NOTHING)
            nothing = tf.nn.log_softmax(scores)[..., -1] * tf.sequence_mask(
                widths, tf.shape(scores)[1], tf.float32)
            loss = tf.reduce_mean(tf.where(
                empty, -tf.reduce_sum(nothing, 1), losses))
        optimiser.apply(tape.gradient(loss, model.trainable_variables),
                        model.trainable_variables)
        return loss

    def save(done):
        print(f"{done * minutes:5.1f} of {minutes} minutes, {steps} steps, "
              f"of {next(seeds)} chunks, loss {np.mean(losses[-500:]):.3f}",
              flush=True)
        np.savez_compressed(path, *map(np.float16, model.get_weights()))

    begin = saved = time.monotonic()
    rng, steps, losses, done = np.random.default_rng(seed), 0, [], 0
    with multiprocessing.get_context("spawn").Pool(
            composers, start) as pool:
        seeds, chunks = count(seed * 10**6), []
        coming = [pool.apply_async(compose_chunk, (next(seeds),))
                  for _ in range(4)]
        while done < 1:
            if coming[0].ready() or not chunks:
                chunks = [*chunks[-KEPT:], coming.pop(0).get()]
                coming.append(pool.apply_async(compose_chunk, (next(seeds),)))
                batches = list(make_batches(chunks[-1]))
            else:
                batches = list(make_batches(chunks[rng.integers(len(chunks))]))
            for place in rng.permutation(len(batches)):
                done = min(1, (time.monotonic() - begin) / 60 / minutes)
                optimiser.learning_rate.assign(
                    FLAT + (STEEP - FLAT) * min(1, steps / WARM)
                    * (1 + np.cos(np.pi * done)) / 2)
                losses.append(float(step(*map(
                    tf.convert_to_tensor, batches[place]))))
                steps += 1
            if time.monotonic() - saved > 60:
                saved = time.monotonic()
                save(done)
    save(done)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--weights")
    parser.add_argument("--composers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--path", default=WEIGHTS)
    train(**vars(parser.parse_args()))
