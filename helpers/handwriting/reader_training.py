"""Train a network of the reader of lines, as ``make reader`` does.

Another process composes lines all the while. Each line is seen about twice:
when it is new, and some minutes later.
"""

import argparse
import multiprocessing
import time
from itertools import count, pairwise

import keras
import numpy as np
import tensorflow as tf

from helpers.data import load_mnist, split_validation
from helpers.handwriting import reader
from helpers.handwriting.composer import compose, make_glyphs

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
    rng, lines = np.random.default_rng([18, seed]), []
    while len(lines) < CHUNK:
        line, text = compose(GLYPHS, rng)
        columns = len(text) + sum(a == b for a, b in pairwise(text)) + 1
        if reader.COLUMN * columns <= line.shape[1] <= WIDEST:
            lines.append((np.round((line + 0.5) * 127).astype(np.uint8), text))
    return lines


def make_batches(lines):
    """Sort lines by their width into batches, as a step of training takes."""
    lines = sorted(lines, key=lambda line: line[0].shape[1])
    for at in range(0, len(lines), BATCH):
        images, texts = zip(*lines[at:at + BATCH])
        widths = np.array([image.shape[1] for image in images], np.int32)
        pixels = np.zeros((len(images), reader.HEIGHT,
                           -(-widths.max() // 8) * 8, 1), np.float32)
        for row, image in enumerate(images):
            pixels[row, :, :image.shape[1], 0] = image / np.float32(127) - 0.5
        # TensorFlow's CTC takes no empty text: see the loss.
        symbols = [(row, place, reader.SYMBOLS.index(symbol))
                   for row, text in enumerate(texts)
                   for place, symbol in enumerate(text or "x")]
        yield (pixels, -(-widths // reader.COLUMN), np.array(symbols),
               np.array([text == "" for text in texts]))


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
    np.savez_compressed(reader.weights_file(name), *parts)


def train(name, minutes=45.0, seed=0):
    """Train "fine" or "wide", and save the network's weights each minute.

    The seed is that of the lines and of the first weights.
    """
    keras.utils.set_random_seed(seed)
    model = reader.build_reader(name)
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
                blank_index=reader.NOTHING)
            nothing = tf.nn.log_softmax(scores)[..., -1] * tf.sequence_mask(
                widths, tf.shape(scores)[1], tf.float32)
            loss = tf.reduce_mean(tf.where(
                empty, -tf.reduce_sum(nothing, 1), losses))
        optimiser.apply(tape.gradient(loss, model.trainable_variables),
                        model.trainable_variables)
        return loss

    begin, done, losses, chunks = time.monotonic(), 0, [], []
    rng, seeds, saved = np.random.default_rng(seed), count(seed * 10**6), 0
    with multiprocessing.get_context("spawn").Pool(1, start) as pool:
        coming = pool.apply_async(compose_chunk, (next(seeds),))
        while done < 1:
            chunks = [*chunks[-KEPT:], coming.get()]
            coming = pool.apply_async(compose_chunk, (next(seeds),))
            older = chunks[rng.integers(len(chunks))]
            batches = [*make_batches(chunks[-1]), *make_batches(older)]
            rng.shuffle(batches)
            for batch in batches:
                done = min(1, (time.monotonic() - begin) / 60 / minutes)
                optimiser.learning_rate.assign(
                    FLAT + (STEEP - FLAT) * min(1, len(losses) / WARM)
                    * (1 + np.cos(np.pi * done)) / 2)
                losses.append(float(step(*map(tf.convert_to_tensor, batch))))
            if done * minutes > saved + 1 or done == 1:
                saved = done * minutes
                print(f"{saved:5.1f} minutes, {len(losses)} steps, loss "
                      f"{np.mean(losses[-500:]):.3f}", flush=True)
                save_weights(model, name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=reader.NETWORKS)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--seed", type=int, default=0)
    train(**vars(parser.parse_args()))
