"""How a first convolution sees a sequence: as one-dimensional, or as an image.

Published networks of this field often use a two-dimensional convolution on sequences:
with the bases as channels, (n, 4, 1, length) or (n, 4, length, 1), as ports of Basset,
or as the rows of an image, (n, 1, 4, length) or (n, 1, length, 4), as ports of DeepSEA
and DeepBind. Each is the same sum over bases and positions as that of a Conv1d.
"""

from dataclasses import dataclass

from torch import nn

READABLE = (
    "a torch.nn.Conv1d with 4 input channels, or a torch.nn.Conv2d of height 1 with 4 "
    "input channels or of height 4 with 1"
)


@dataclass(frozen=True)
class Layout:
    """Where a convolution has the positions of a sequence.

    Attributes
    ----------
    two_dimensional : bool
    axis : int
        Of the positions, in what the convolution reads and gives: 2 or 3.
    as_image : bool
        Whether the bases are the other axis, and not the channels.
    """

    two_dimensional: bool = False
    axis: int = 2
    as_image: bool = False

    @property
    def other(self):
        """The other axis of a two-dimensional convolution: 3 or 2."""
        return 5 - self.axis

    def along(self, values):
        """What concerns the positions, of a convolution's sizes or strides."""
        return values if isinstance(values, str) else values[self.axis - 2]

    def sequences(self, entered):
        """What a convolution reads as (n, 4, length); None if it is another shape."""
        if not self.two_dimensional:
            return entered if entered.ndim == 3 else None
        size = 4 if self.as_image else 1
        if entered.ndim != 4 or entered.shape[self.other] != size:
            return None
        if not self.as_image:
            return entered.squeeze(self.other)
        return entered[:, 0] if self.other == 2 else entered[:, 0].transpose(1, 2)

    def outputs(self, given):
        """What a convolution, or a layer after it, gives as (n, filters, positions)."""
        flat = self.two_dimensional and given.ndim == 4 and given.shape[self.other] == 1
        return given.squeeze(self.other) if flat else given

    def weight(self, weight):
        """The weights of a convolution as (filters, 4, width)."""
        if not self.two_dimensional:
            return weight
        if not self.as_image:
            return weight.squeeze(self.other)
        return weight[:, 0] if self.other == 2 else weight[:, 0].transpose(1, 2)


def layouts_of(convolution):
    """The ways in which a layer may see sequences; none if it cannot.

    Parameters
    ----------
    convolution : torch.nn.Module

    Returns
    -------
    list of Layout
        Several where the size of the kernel leaves it open.
    """
    if isinstance(convolution, nn.Conv1d):
        return [Layout()] if convolution.in_channels == 4 else []
    if not isinstance(convolution, nn.Conv2d) or convolution.groups != 1:
        return []
    as_image = convolution.in_channels == 1
    if not as_image and convolution.in_channels != 4:
        return []
    layouts = [Layout(True, axis, as_image) for axis in (3, 2)]
    return [
        layout
        for layout in layouts
        if convolution.kernel_size[layout.other - 2] == (4 if as_image else 1)
        and not _padded(convolution, layout.other - 2)
    ]


def _padded(convolution, axis):
    """Whether a convolution adds rows to an axis that holds bases, or one row."""
    if convolution.padding == "same":
        return convolution.kernel_size[axis] > 1
    return convolution.padding != "valid" and convolution.padding[axis] > 0
