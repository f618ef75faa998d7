"""The exercises of notebook 3. See `helpers.exercises` for how they work."""

import numpy as np

from helpers.exercises.tools import NotYet, call, compare, exercise, number


@exercise(
    hints=[
        "How many places are there? In one direction, a filter of 3 fits "
        "into a picture of 5 at the places 0, 1 and 2. So there are "
        "`5 - 3 + 1`.",
        "Make an array of zeros of that shape. For each place, cut out "
        "`image[row:row + height, column:column + width]`, multiply it with "
        "`weights`, and take the sum.",
    ],
    code="""
def respond(image, weights):
    height, width = weights.shape
    rows, columns = image.shape
    response = np.zeros((rows - height + 1, columns - width + 1))
    for row, column in np.ndindex(response.shape):
        part = image[row:row + height, column:column + width]
        response[row, column] = (part * weights).sum()
    return response
""",
    reasoning="The upper left corner of the filter visits every place from "
    "which the filter still fits. There are as many as the picture has rows, "
    "less those that the filter has, plus 1: 28 × 28 and 5 × 5 give 24 × 24. "
    "At each place, the part of the picture under the filter has the "
    "filter's shape, so the two can be multiplied, weight by weight.",
    why="Every `Conv2D` layer does this, with many filters and over all "
    "channels. `padding=\"same\"` lays zeros around the picture first, so "
    "that the response does not shrink.",
)
def respond(function):
    """Examine a function that lays a filter over a picture."""
    random = np.random.default_rng(0)
    for shape, size in ((6, 9), (3, 3)), ((5, 8), (2, 4)), ((4, 4), (4, 4)):
        image, weights = random.random(shape), random.normal(size=size)
        said = (f"`respond` of a {shape[0]} × {shape[1]} picture and a "
                f"{size[0]} × {size[1]} filter")
        before = [(n // 2, n - 1 - n // 2) for n in size]

        def lay(image, weights, gather=np.sum):
            parts = np.lib.stride_tricks.sliding_window_view(
                image, weights.shape)
            return gather(parts * weights, axis=(2, 3))

        right = lay(image, weights)
        same = (f"{said} is as large as the picture, because it reads zeros "
                "beyond the border. Take only the places where the whole "
                "filter fits.")
        result = call(function, image, weights, said=said)
        compare(result, right, said, tolerance=1e-5, mistakes=[
            (f"{said} turns the filter round first, as mathematics does. "
             "Networks lay it on as it is.",
             lay(image, weights[::-1, ::-1])),
            (same, lay(np.pad(image, before), weights)),
            (same, lay(np.pad(image, [b[::-1] for b in before]), weights)),
            (f"{said} lacks the last row and the last column. There is one "
             "place more in each direction: 3 fits into 5 at 3 places.",
             right[:-1, :-1]),
            (f"{said} takes the mean. Take the sum.", right / weights.size),
            (f"{said} takes the largest product. Take the sum of all.",
             lay(image, weights, np.max)),
            (f"{said} adds up the pixels under the filter. Multiply each "
             "with its weight first.", lay(image, np.ones(size))),
            (f"{said} cuts off the decimals. An array made by `np.zeros` has "
             "room for them, unless you ask for whole numbers.",
             np.trunc(right)),
            (f"{said} is one number, for the first place. Visit the other "
             "places, too.", right[0, 0]),
            (f"{said} has rows and columns exchanged.", right.T),
            (f"{said} sets negative sums to 0. That is what `ReLU` does "
             "later; a response may be negative.", np.maximum(right, 0)),
        ])


@exercise(
    hints=[
        "A filter of the second convolution looks at all responses of the "
        "first block, and not at the colours. The number of places that it "
        "visits plays no role.",
        "Each pooling halves both sides and leaves a last odd place out: 50 "
        "becomes 25, then 12. `Flatten` makes one row of all that is left, "
        "and each of the 100 units has one weight for each number in it.",
    ],
    code="second_convolution = 3 * 3 * 16 * 32\n"
    "dense_layer = 12 * 9 * 32 * 100",
    reasoning="A filter has a weight for each place in its square and for "
    "each channel that it looks at: 3 × 3 × 16. There are 32 of them. The "
    "pictures shrink from 50 × 38 to 25 × 19 and to 12 × 9, with 32 channels "
    "at the end. That makes 3,456 numbers, and every unit has a weight for "
    "each.",
    why="A convolution uses the same weights at every place, so the size of "
    "the pictures does not matter to it. A dense layer has weights for each "
    "place: here it has 75 times as many. Wider pictures make it larger "
    "still.",
)
def parameters(second_convolution, dense_layer):
    """Examine the number of parameters of two layers."""
    convolution = number(second_convolution, "`second_convolution`")
    dense = number(dense_layer, "`dense_layer`")
    if (convolution, dense) == (345600, 4608):
        raise NotYet("The two are swapped: the convolution comes first.")
    compare(convolution, 4608, "`second_convolution`", mistakes=[
        ("`second_convolution` counts filters of one channel. Each of them "
         "looks at all 16 responses of the first block.", 3 * 3 * 32),
        ("`second_convolution` looks at the three colours. It does not see "
         "them: its input are the 16 responses of the first block.",
         3 * 3 * 3 * 32),
        ("`second_convolution` holds one filter. There are 32.", 3 * 3 * 16),
        ("`second_convolution` has a bias for each filter. These blocks have "
         "none.", 3 * 3 * 16 * 32 + 32),
        ("`second_convolution` is the number of the first convolution.",
         5 * 5 * 3 * 16),
        ("`second_convolution` has filters of 5 × 5. Those of the second "
         "block are 3 × 3.", 5 * 5 * 16 * 32),
        ("`second_convolution` counts each filter once for every place. The "
         "weights are the same at all places.", 4608 * 25 * 19),
        ("`second_convolution` is the number of responses. Parameters are "
         "the weights.", 25 * 19 * 32),
    ])
    compare(dense, 345600, "`dense_layer`", mistakes=[
        ("`dense_layer` takes the pictures before any pooling. Each of the "
         "two blocks halves both sides.", 50 * 38 * 32 * 100),
        ("`dense_layer` takes the pictures after one pooling. There are "
         "two.", 25 * 19 * 32 * 100),
        ("`dense_layer` takes the pictures after three poolings. There are "
         "two.", 6 * 4 * 32 * 100),
        ("`dense_layer` rounds up. Where a side is odd, pooling leaves the "
         "last place out.", 13 * 10 * 32 * 100),
        ("`dense_layer` halves without a remainder. Where a side is odd, "
         "pooling leaves the last place out.", 12.5 * 9.5 * 32 * 100),
        ("`dense_layer` forgets the 32 channels. `Flatten` makes one row of "
         "all of them.", 12 * 9 * 100),
        ("`dense_layer` forgets the places. `Flatten` makes one row of all "
         "of them, with their channels.", 32 * 100),
        ("`dense_layer` is the number of its inputs. Each of the 100 units "
         "has a weight for every input.", 12 * 9 * 32),
        ("`dense_layer` has a bias for each unit. `use_bias=False` leaves "
         "that out.", 345600 + 100),
        ("`dense_layer` takes the 16 channels of the first block. The second "
         "one comes last.", 12 * 9 * 16 * 100),
    ])


GIVEN = np.array([0.9, 0.9, 0.9, 0.0001])


@exercise(
    hints=[
        "Each picture has a loss of its own: minus the logarithm of the "
        "probability of its right digit. What does the loss of a batch make "
        "of the four?",
        "`np.log` takes the natural logarithm of every number in a list. "
        "Then take the mean, and change the sign.",
    ],
    code="batch_loss = -np.log([0.9, 0.9, 0.9, 0.0001]).mean()",
    reasoning="The first three losses are small, about a tenth each. The "
    "last is above 9, because 0.0001 has four places behind the point and "
    "each adds 2.3. A quarter of 9 is more than 2.3, whatever the other "
    "three do.",
    why="Three of four are right, and the loss is still higher than that of "
    "a network which only guesses. A loss punishes being sure and wrong, "
    "and accuracy does not see it. So look at both.",
)
def batch_loss(answer):
    """Examine the loss of a batch of four pictures."""
    losses = -np.log(GIVEN)
    compare(number(answer, "`batch_loss`"), losses.mean(), "`batch_loss`",
            tolerance=0.006, mistakes=[
        ("That is the sum of the four losses. The loss of a batch is their "
         "mean.", losses.sum()),
        ("That is the loss of the mean probability. Take the logarithms "
         "first, then the mean.", -np.log(GIVEN.mean())),
        ("The sign is missing: a probability below 1 has a negative "
         "logarithm, and the loss is minus that.", -losses.mean()),
        ("That is made with the logarithm to the base 10. `np.log` is the "
         "natural one.", losses.mean() / np.log(10)),
        ("That is made with the logarithm to the base 2. `np.log` is the "
         "natural one.", losses.mean() / np.log(2)),
        ("That is the mean probability. The loss is made of logarithms.",
         GIVEN.mean()),
        ("That is the mean of what the probabilities lack to 1. The loss is "
         "made of logarithms.", 1 - GIVEN.mean()),
        ("That is the loss of one of the first three pictures. Take the "
         "mean of all four.", losses[0]),
        ("That is the loss of the last picture alone. Take the mean of all "
         "four.", losses[3]),
        ("That is the loss of a network that only guesses. Work out the one "
         "of these four pictures.", np.log(10)),
        ("That is the share of wrong answers. The loss is made of "
         "logarithms.", 0.25),
    ])


def _stop(losses, patience, *, late=0, ties=False, previous=False,
          total=False):
    """Return where training stops and the best epoch, or with a mistake."""
    best, waited = 1, 0
    for epoch, loss in enumerate(losses, start=1):
        other = losses[epoch - 2] if previous else losses[best - 1]
        if epoch == 1 or loss < other or (ties and loss == other):
            best, waited = epoch, waited if total else 0
        else:
            waited += 1
        if waited == patience + late:
            break
    return np.array([epoch, best])


@exercise(
    hints=[
        "Go through the epochs one by one and remember the best one so far. "
        "How many epochs ago was it?",
        "`enumerate(losses, start=1)` counts the epochs from 1. If a loss is "
        "below the best so far, this epoch is the new best. If "
        "`epoch - best == patience`, leave the loop with `break`.",
    ],
    code="""
def stop_early(losses, patience):
    best = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[best - 1]:
            best = epoch
        if epoch - best == patience:
            break
    return epoch, best
""",
    reasoning="The only thing to remember is the best epoch. The number of "
    "epochs since then is a difference, so no counter can be forgotten when "
    "the loss improves. If the loop is never left, `epoch` is the last one.",
    why="The 0.2 of the task is never reached: nobody can know that waiting "
    "would have paid. Keras has the rule as `EarlyStopping`. The best epoch "
    "is chosen on the validation pictures, so its loss there is a little too "
    "good to be true.",
)
def stop_early(function):
    """Examine a function that finds where training stops."""
    bumpy = [0.3, 0.12, 0.08, 0.09, 0.07, 0.08, 0.09, 0.1, 0.11, 0.05, 0.06,
             0.07]
    for losses, patience in [
        (bumpy, 3), (bumpy, 2), (bumpy, 1), (bumpy, 5),
        ([0.5, 0.4, 0.4, 0.4, 0.6], 2), ([0.5, 0.4, 0.3], 2),
        ([0.5, 0.3, 0.4, 0.35, 0.38, 0.36, 0.2], 3), ([0.3, 0.5], 4),
    ]:
        said = f"`stop_early({losses}, {patience})`"
        right = _stop(losses, patience)
        least = int(np.argmin(losses)) + 1
        one = f"{said} is one number. Return two: "
        result = call(function, losses, patience, said=said)
        compare(result, right, said, mistakes=[
            (f"{said} counts the epochs from 0. The first one is 1.",
             right - 1),
            (f"{said} has the two numbers swapped. The epoch after which "
             "training stops comes first.", right[::-1]),
            (f"{said} knows the future: that loss comes after training has "
             "stopped.", np.array([right[0], least])),
            (f"{said} compares each loss with the one before it. Compare it "
             "with the smallest so far.",
             _stop(losses, patience, previous=True)),
            (f"{said} takes an equal loss for a better one. Only a smaller "
             "one counts.", _stop(losses, patience, ties=True)),
            (f"{said} counts all epochs without a new best. Only those in a "
             "row count: begin again at 0 after each new best.",
             _stop(losses, patience, total=True)),
            (f"{said} stops one epoch too late. It stops as soon as "
             f"{patience} in a row are no better.",
             _stop(losses, patience, late=1)),
            (f"{said} never stops. Has one epoch after the other been no "
             "better?", np.array([len(losses), least])),
            (f"{said} never stops. Has one epoch after the other been no "
             "better?", np.array([len(losses), right[1]])),
            (f"{said} stops at the best epoch. You know that it was the best "
             "only after some more.", right[[1, 1]]),
            (f"{said} says how many epochs were in vain. Say at which epoch "
             "training stops.", np.array([patience, right[1]])),
            (f"{said} gives the smallest loss. Asked for is its epoch.",
             np.array([right[0], losses[right[1] - 1]])),
            (f"{one}the best epoch comes second.", right[0]),
            (f"{one}the epoch after which training stops comes first.",
             right[1]),
        ])


def _wilson(right, count, z=1.959964):
    """Return both ends in percent: E. B. Wilson, 1927."""
    share, extra = right / count, z ** 2 / count
    centre = share + extra / 2
    reach = np.sqrt(extra * (share * (1 - share) + extra / 4))
    return 100 * (centre + reach * np.array([-1, 1])) / (1 + extra)


@exercise(
    hints=[
        "The section has the two calls of SciPy that you need. What must "
        "stand in place of the numbers of the test set?",
        "`binomtest(198, 200).proportion_ci(method=\"wilson\")` has the two "
        "ends as shares. Multiply each by 100.",
    ],
    code="""
lower_percent, upper_percent = 100 * np.array(
    binomtest(198, 200).proportion_ci(method="wilson")
)
""",
    reasoning="Two numbers go in: how many were right, and how many there "
    "were. The ends come out as shares, `.low` and `.high`; an array of the "
    "two can be multiplied at once.",
    why="Two mistakes of 200 allow anything from about 1 mistake in 28 "
    "pictures to 1 in 360. The interval reaches farther down than up, since "
    "no share is above 100. So ask for the number of pictures when somebody "
    "tells you a percentage.",
)
def few_pictures(lower_percent, upper_percent):
    """Examine the Wilson interval of 198 right pictures in 200."""
    low = number(lower_percent, "`lower_percent`")
    high = number(upper_percent, "`upper_percent`")
    right = _wilson(198, 200)
    plain = 195.9964 * np.sqrt(0.99 * 0.01 / 200)
    level = ("That is the interval for another level. Leave the level out, "
             "or take `confidence_level=0.95`.")
    for mistake, ends in [
        ("The two ends are swapped. The lower one comes first.", right[::-1]),
        ("Those are shares. Percent is asked for: multiply by 100.",
         right / 100),
        ("Those are numbers of pictures. Divide by 200, for percent.",
         2 * right),
        ("That is the share, plus and minus twice its spread. The Wilson "
         "interval never reaches above 100: see `method=\"wilson\"`.",
         99 + plain * np.array([-1, 1])),
        ("That is the exact interval, which `binomtest` gives if you do not "
         "ask for another. Set `method=\"wilson\"`.", (96.4345, 99.8787)),
        ("That is Wilson's interval with a correction. Set "
         "`method=\"wilson\"`.", (96.0508, 99.8266)),
        (level, _wilson(198, 200, 1.644854)),
        (level, _wilson(198, 200, 2.575829)),
        ("That is the interval of the wrong pictures. Ask for the right "
         "ones.", _wilson(2, 200)),
        ("That is the interval for 9,900 of 10,000, the same share. Fewer "
         "pictures tell less.", _wilson(9900, 10000)),
        ("That is the share alone. An interval has two ends.", (99, 99)),
    ]:
        if np.allclose([low, high], ends, rtol=1e-4, atol=0):
            raise NotYet(mistake)
    compare(low, right[0], "`lower_percent`", tolerance=0.02)
    compare(high, right[1], "`upper_percent`", tolerance=0.02)


def some_rows():
    """Return rows of probabilities, labels, and what the rows answer."""
    random = np.random.default_rng(6)
    sure = random.integers(9, 16, 48) / 16  # exact, so that some are equal
    first = random.integers(0, 10, 48)
    second = (first + random.integers(1, 10, 48)) % 10
    rows = np.zeros((48, 10))
    rows[np.arange(48), first], rows[np.arange(48), second] = sure, 1 - sure
    lucky = random.random(48) < 2 * sure - 1
    return rows, np.where(lucky, first, second), first


@exercise(
    hints=[
        "You need two arrays of True and False: `accepted` from the largest "
        "probability of each row, and `wrong` from its place. Coverage is "
        "the mean of one of them.",
        "`wrong[accepted]` holds only the accepted pictures, and its mean is "
        "the risk. If `accepted.any()` is False, there is nothing to take "
        "the mean of.",
    ],
    code="""
def coverage_and_risk(probabilities, labels, threshold):
    accepted = probabilities.max(axis=1) >= threshold
    wrong = probabilities.argmax(axis=1) != labels
    if not accepted.any():
        return 0, 0
    return accepted.mean(), wrong[accepted].mean()
""",
    reasoning="Coverage is a share of all pictures. Risk is a share of the "
    "accepted ones alone, so the refused ones must leave the array before "
    "the mean is taken. A recogniser that refuses everything makes no "
    "mistake, and its risk needs an answer of its own.",
    why="Call it with `val_probabilities`, `y_val` and a few thresholds. A "
    "higher one never has a higher coverage. It can have a higher risk, if "
    "the pictures that it refuses now were read right.",
)
def coverage_and_risk(function):
    """Examine a function that measures what a threshold does."""
    rows, labels, answers = some_rows()
    sure, wrong = rows.max(axis=1), answers != labels
    of_label = rows[np.arange(len(rows)), labels]
    for threshold in 0.75, 0.875, 0, 0.5, 0.96875:
        accepted = sure >= threshold
        said = f"`coverage_and_risk` with a threshold of {threshold}"

        def measure(accepted, risk=None, wrong=wrong):
            inside = wrong[accepted]
            risk = inside.sum() / max(1, len(inside)) if risk is None else risk
            return np.array([accepted.mean(), risk])

        right = measure(accepted)
        both = (accepted & wrong).mean()
        result = call(function, rows, labels, threshold, said=said)
        mistakes = [
            (f"{said} divides the mistakes by the number of all pictures. "
             "Risk is a share of the accepted ones.",
             measure(accepted, both)),
            (f"{said} counts the mistakes among the refused pictures, too. "
             "Nobody reads those.", measure(accepted, wrong.mean())),
            (f"{said} has the risk of the refused pictures.",
             [right[0], measure(~accepted)[1]]),
            (f"{said} gives the share of right answers in place of the risk.",
             [right[0], 1 - right[1]]),
            (f"{said} gives the share that is refused. Coverage is the share "
             "that is accepted.", [1 - right[0], right[1]]),
            (f"{said} refuses pictures whose confidence is exactly the "
             "threshold. At least as sure is sure enough: `>=`.",
             measure(sure > threshold)),
            (f"{said} looks at the probability of the label. Whoever reads a "
             "cheque does not know the label: take the largest of the ten.",
             measure(of_label >= threshold)),
            (f"{said} counts only right answers as accepted. A wrong one can "
             "be sure, too.", [(accepted & ~wrong).mean(), right[1]]),
            (f"{said} has the two numbers swapped. Coverage comes first.",
             right[::-1]),
            (f"{said} gives percent. Give shares, between 0 and 1.",
             100 * right),
            (f"{said} counts the risk in 1,000. Give a share, between 0 and "
             "1.", [right[0], 1000 * right[1]]),
            (f"{said} gives numbers of pictures. Give shares, between 0 and "
             "1.", [accepted.sum(), (accepted & wrong).sum()]),
            (f"{said} is the coverage alone. Return two numbers, the risk "
             "second.", right[0]),
            (f"{said} is the risk alone. Return two numbers, the coverage "
             "first.", right[1]),
        ]
        if not accepted.any():
            nothing = f"{said} accepts nothing, so both numbers should be 0."
            mistakes = [(nothing, [0, risk]) for risk in
                        (1, np.nan, wrong.mean())] + mistakes
        compare(result, right, said, tolerance=1e-5, mistakes=mistakes)


@exercise(
    hints=[
        "The right answers stand on the diagonal, `np.diag(matrix)`. Recall "
        "divides them by the sums of the rows. What stands in a column?",
        "`matrix.sum(axis=1)` adds up each row, `matrix.sum(axis=0)` each "
        "column. A sum of 0 becomes harmless with `np.maximum(..., 1)`. "
        "`np.stack([...], axis=1)` puts the two side by side.",
    ],
    code="""
def recall_and_precision(matrix):
    right = np.diag(matrix)
    written = np.maximum(matrix.sum(axis=1), 1)
    answered = np.maximum(matrix.sum(axis=0), 1)
    return np.stack([right / written, right / answered], axis=1)
""",
    reasoning="Both divide the same right answers. A row holds all pictures "
    "*of* a digit, a column all pictures that were *taken for* it. If a sum "
    "is 0, its place on the diagonal is 0 as well, so dividing by 1 gives "
    "the 0 that is asked for.",
    why="A recogniser that answers 7 to everything has a recall of 1 for "
    "the 7, and a precision of about a tenth. Call your function with "
    "`matrix`: is the digit that is missed most also the one whose answer "
    "you can trust least?",
)
def recall_and_precision(function):
    """Examine a function that returns recall and precision per digit."""
    random = np.random.default_rng(3)
    full = random.integers(1, 9, (10, 10)) + np.diag(
        random.integers(20, 90, 10))
    never_answered, never_written = full.copy(), full.copy()
    never_answered[:, 7] = never_written[4] = 0
    for matrix, which in [
        (full, "a matrix"),
        (never_answered, "a matrix in which no picture is answered as 7"),
        (never_written, "a matrix in which no picture is a 4"),
    ]:
        diagonal = np.diag(matrix)
        rows, columns = matrix.sum(axis=1), matrix.sum(axis=0)
        recall = diagonal / np.maximum(rows, 1)
        precision = diagonal / np.maximum(columns, 1)
        right = np.stack([recall, precision], axis=1)
        one = np.where([rows == 0, columns == 0], 1, right.T).T
        said = f"`recall_and_precision` of {which}"
        total = f"{said} divides by the number of all pictures. "
        result = call(function, matrix, said=said)
        compare(result, right, said, tolerance=1e-5, mistakes=[
            (f"{said} has the columns swapped: recall comes first. Each row "
             "of the matrix is a label.", right[:, ::-1]),
            (f"{said} has a row for each of the two. Transpose it: one row "
             "for each digit.", right.T),
            (f"{said} has a row for each of the two, and precision first. "
             "One row for each digit, recall first.", right[:, ::-1].T),
            (f"{said} gives the recall twice. For precision, divide by the "
             "sums of the columns.", right[:, [0, 0]]),
            (f"{said} gives the precision twice. For recall, divide by the "
             "sums of the rows.", right[:, [1, 1]]),
            (f"{said} gives the recall alone.", recall),
            (f"{said} gives the precision alone.", precision),
            (f"{said} gives percent. Give shares, between 0 and 1.",
             100 * right),
            (f"{total}Recall divides by those of one label, precision by "
             "those of one answer.",
             np.stack([diagonal / matrix.sum()] * 2, axis=1)),
            (f"{total}That is the accuracy.", diagonal.sum() / matrix.sum()),
            (f"{said} gives the mean over the digits. Keep them apart.",
             right.mean(axis=0)),
            (f"{said} gives the shares of mistakes. Take the diagonal, the "
             "right answers.", 1 - right),
            (f"{said} gives the whole matrix, divided. Take the diagonal of "
             "it.", matrix / np.maximum(rows, 1)[:, None]),
            (f"{said} gives the sums. Divide the diagonal by them.",
             np.stack([rows, columns], axis=1)),
            (f"{said} gives a 1 where there is nothing to divide. Give 0.",
             one),
            (f"{said} leaves a digit out. Give each of the ten its row.",
             right[right.all(axis=1)]),
        ])


class _Rows(np.ndarray):
    """Probabilities that can be asked for their numbers, as Keras's can."""

    def numpy(self):
        return np.array(self)


def stand_in():
    """Return something that answers like a network, and what it was given."""
    weights = np.random.default_rng(1).normal(size=(784, 10)) / 4
    weights -= weights.mean(axis=0)
    given = []

    def network(images, *_, **__):
        batch = np.asarray(images, float)
        if batch.ndim != 4 or batch.shape[1:] != (28, 28, 1):
            raise ValueError(
                "the network takes the shape (count, 28, 28, 1), and was "
                f"given {batch.shape}."
            )
        given.append(batch)
        scores = batch.reshape(-1, 784) @ weights
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return (powers / powers.sum(axis=1, keepdims=True)).view(_Rows)

    network.predict = network
    return network, given


def _misread(given, image):
    """Say what is wrong with the pixels that the network was given last."""
    if not given:
        return "never asks the network."
    pixels, ready = given[-1][0, :, :, 0], image / 255
    for seen, problem in [
        (image, "gives the network pixels from 0 to 255, and it was trained "
         "with 0 to 1. It does not complain, and its probabilities mean "
         "nothing."),
        (image // 255, "gives the network a picture of zeros and ones: `//` "
         "cuts off the decimals."),
        (ready / 255, "divides by 255 twice, so the network gets a picture "
         "that is nearly black. `prepare_images` divides, too."),
        (1 - ready, "gives the network dark ink on white paper. It was "
         "trained with the opposite."),
        (255 - image, "gives the network dark ink on white paper, and "
         "pixels from 0 to 255."),
        (ready.T, "gives the network the picture with rows and columns "
         "exchanged."),
    ]:
        if np.allclose(pixels, seen, rtol=0, atol=1e-6):
            return problem
    if not np.allclose(pixels, ready, rtol=0, atol=1e-3):
        return "gives the network other pixels than those of the picture."
    return None


@exercise(
    hints=[
        "Three steps: bring the picture into the form that the network "
        "takes, ask the network, read its row. What does `image[np.newaxis]` "
        "do to the shape of a picture?",
        "`prepare_images(image[np.newaxis])` is a batch with one picture, "
        "from 0 to 1, with its channel axis. "
        "`np.asarray(network(batch))[0]` is the row of its ten "
        "probabilities.",
    ],
    code="""
def read_one(network, image):
    batch = prepare_images(image[np.newaxis])
    row = np.asarray(network(batch))[0]
    return row.argmax(), row.max()
""",
    reasoning="A network takes batches, so one picture needs a first axis of "
    "length 1, and the answer has one as well: `[0]` takes it away. "
    "`prepare_images` divides by 255 and adds the channel axis. The place of "
    "the largest probability is the digit.",
    why="A network does not complain about pixels from 0 to 255. It answers, "
    "and nothing fails, so a forgotten scaling is hard to find. Whoever gives "
    "a model away should say what it takes.",
)
def read_one(function):
    """Examine a function that asks a network about one picture."""
    random = np.random.default_rng(5)
    for which in ("one picture", "a second picture", "a third picture"):
        image = random.integers(0, 256, (28, 28), np.uint8)
        image[:, :random.integers(2, 9)] = 0
        network, given = stand_in()
        row = network(image[None, ..., None] / 255)[0].numpy()
        given.clear()
        said = f"`read_one` of {which}"
        try:
            result = call(function, network, image, said=said)
        except NotYet as complaint:
            if "Keras model" in str(complaint):
                raise NotYet("`predict_digits` takes all steps at once, and "
                             "a real network alone. Here the steps are your "
                             "own: call `network` like a function.") from None
            raise
        problem = _misread(given, image)
        digit, sure = row.argmax(), row.max()
        mistakes = [(f"{said} {problem}", result)] if problem else [
            (f"{said} has the two swapped. The digit comes first.",
             [sure, digit]),
            (f"{said} gives the confidence in percent. Give a number between "
             "0 and 1.", [digit, 100 * sure]),
            (f"{said} is the digit alone. Return its probability, too.",
             digit),
            (f"{said} is the confidence alone. Return the digit, too.", sure),
            (f"{said} gives all ten probabilities. Return the place of the "
             "largest one, and its value.", row),
            (f"{said} gives all ten probabilities. Return the place of the "
             "largest one, and its value.", row[None]),
            (f"{said} still has the axis that counts the pictures. Take the "
             "first row of the answer.", [[digit], [sure]]),
            (f"{said} gives the digit that is least probable.",
             [row.argmin(), row.min()]),
            (f"{said} counts the digits from 1. The first probability is "
             "that of the 0.", [digit + 1, sure]),
            (f"{said} rounds the confidence. Leave its decimals.",
             [digit, sure.round()]),
        ]
        compare(result, [digit, sure], said, tolerance=0.0006,
                mistakes=mistakes)
