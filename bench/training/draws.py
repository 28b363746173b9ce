"""Numbers for the data of the training runs: the same, in the same order, as draws.ts gives."""


class Draws:
    """A linear congruential generator of 32 bits (Numerical Recipes, chapter 7.1), of which the upper 24 are used."""

    def __init__(self, seed):
        self.state = seed

    def unit(self):
        """A number from [0, 1) that float32 holds exactly."""
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return (self.state >> 8) / 2**24

    def signed(self):
        """A number from [-1, 1) that float32 holds exactly."""
        return 2 * self.unit() - 1

    def whole(self, count):
        """A whole number from 0 up to count, not included."""
        return int(self.unit() * count)
