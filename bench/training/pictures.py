"""Pictures of four kinds, as the convolutional runs see them."""

from draws import Draws

SIZE = 12


def pictures(count):
    """Noisy pictures [1, SIZE, SIZE] as nested lists, and their kinds: a row, a column, a diagonal or a square is bright."""
    draws = Draws(2)
    images, kinds = [], []
    for _ in range(count):
        kind, place = draws.whole(4), draws.whole(SIZE)
        image = []
        for y in range(SIZE):
            image.append([])
            for x in range(SIZE):
                bright = (
                    y == place,
                    x == place,
                    (x + y) % SIZE == place,
                    abs(x - SIZE // 2) + abs(y - place) < 3,
                )[kind]
                image[y].append((0.75 if bright else 0.25) + 0.25 * draws.signed())
        images.append([image])
        kinds.append(kind)
    return images, kinds
