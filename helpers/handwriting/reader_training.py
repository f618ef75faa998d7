"""Train the reader of lines: ``python -m helpers.handwriting.reader_training``.

Another process composes lines all the while; none is seen twice.
"""

import argparse
import multiprocessing
import time

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
    build_reader,
)

CHUNK, BATCH = 1024, 32  # lines
VALIDATION = 10000  # of MNIST's training digits
STEEP, FLAT = 2e-3, 1e-5  # learning rates at the begin and the end
WIDEST = 400  # pixels: longer lines are left out


def digits(part):
    """Return MNIST's training digits: to "train" with, or to "validate"."""
    train, validation = split_validation(*load_mnist()[0], VALIDATION, 0)
    return train if part == "train" else validation


def start(minutes):
    """Make the glyphs, once, in the process that composes."""
    global GLYPHS
    GLYPHS = make_glyphs(*digits("train"))


def compose_chunk(seed):
    """Compose lines, as bytes, since they go to another process."""
    rng = np.random.default_rng([18, seed])
    lines = []
    while len(lines) < CHUNK:
        line, text = compose(GLYPHS, rng)
        repeats = sum(a == b for a, b in zip(text, text[1:]))
        if len(text) + repeats < line.shape[1] // COLUMN and (
            line.shape[1] <= WIDEST
        ):
            lines.append((to_bytes(line), text))
    return lines


def to_bytes(line):
    return np.round((line + 0.5) * 127).astype(np.uint8)


def make_batches(lines):
    """Sort lines by their width into batches: pixels, widths and symbols."""
    lines = sorted(lines, key=lambda line: line[0].shape[1])
    for at in range(0, len(lines), BATCH):
        part = lines[at:at + BATCH]
        widths = np.array([line.shape[1] for line, _ in part])
        width = -(-widths.max() // 32) * 32
        pixels = np.zeros((len(part), HEIGHT, width, 1), np.float32)
        for row, (line, _) in enumerate(part):
            pixels[row, :, :line.shape[1], 0] = line / np.float32(127) - 0.5
        places = [(row, place) for row, (_, text) in enumerate(part)
                  for place in range(len(text or "x"))]
        symbols = [SYMBOLS.index(symbol) for _, text in part
                   for symbol in text or "x"]
        # TensorFlow's CTC takes no empty text: see the loss.
        yield (pixels, -(-widths // COLUMN), np.array(
            places, np.int64), np.array(symbols, np.int32),
               np.array([not text for _, text in part]))


def train(minutes, path, weights=None, seed=0):
    """Train for some minutes, and save the network."""
    keras.utils.set_random_seed(seed)
    model = build_reader()
    if weights:
        model.load_weights(weights)
    optimiser = keras.optimizers.AdamW(STEEP, weight_decay=1e-4,
                                       global_clipnorm=5.0)

    @tf.function(input_signature=[
        tf.TensorSpec((None, HEIGHT, None, 1)), tf.TensorSpec((None,), "int32"),
        tf.TensorSpec((None, 2), "int64"), tf.TensorSpec((None,), "int32"),
        tf.TensorSpec((None,), "bool"),
    ])
    def step(pixels, widths, places, symbols, empty):
        count = tf.shape(pixels, "int64")[0]
        texts = tf.SparseTensor(places, symbols, [count, 20])
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

    begin = saved = time.monotonic()
    rng, steps, losses = np.random.default_rng(seed), 0, []
    context = multiprocessing.get_context("spawn")
    with context.Pool(1, start, (minutes,)) as pool:
        seeds = iter(range(seed * 10**6, (seed + 1) * 10**6))
        coming = [pool.apply_async(compose_chunk, (next(seeds),))
                  for _ in range(4)]
        while True:
            lines = coming.pop(0).get()
            coming.append(pool.apply_async(compose_chunk, (next(seeds),)))
            batches = list(make_batches(lines))
            for place in rng.permutation(len(batches)):
                part = (time.monotonic() - begin) / 60 / minutes
                optimiser.learning_rate.assign(
                    FLAT + (STEEP - FLAT) * min(1, steps / 500)
                    * (1 + np.cos(np.pi * min(part, 1))) / 2)
                losses.append(float(step(*batches[place])))
                steps += 1
            if part >= 1:
                break
            if time.monotonic() - saved > 60:
                saved = time.monotonic()
                ready = sum(chunk.ready() for chunk in coming)
                print(f"{part * minutes:5.1f} min {steps:6d} steps, loss "
                      f"{np.mean(losses[-400:]):.3f}, {ready} ready",
                      flush=True)
                model.save_weights(path)
    model.save_weights(path)
    return model


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--path", default="reader.weights.h5")
    parser.add_argument("--weights")
    parser.add_argument("--seed", type=int, default=0)
    train(**vars(parser.parse_args()))
