"""How figures look: one column of a two-column paper, colours and shapes for everyone."""

import contextlib
import io
import os
import re
import sys
import warnings

from plain_text import make_plain

# Okabe and Ito's colours, which colour-blind readers tell apart; shapes differ as well.
BLUE, ORANGE, GREEN, SKY, BLACK, GREY = (
    "#0072B2", "#D55E00", "#009E73", "#56B4E9", "#000000", "#999999")
PURPLE, AMBER, YELLOW = "#CC79A7", "#E69F00", "#F0E442"

DATES = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}  # what a file says of the time
COLUMN_WIDTH = 3.5  # inches
STYLE = {
    "text.usetex": False,  # whatever a user has set: names are drawn as they are
    "text.parse_math": False,
    "figure.figsize": (COLUMN_WIDTH, 2.3),
    "figure.constrained_layout.use": True,
    "font.size": 8,
    "axes.labelsize": 8,
    "legend.fontsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.5,
    "lines.linewidth": 1,
    "lines.markersize": 4,
    "legend.frameon": True,
    "legend.framealpha": 0.9,
    "pdf.fonttype": 42,  # fonts that a publisher accepts
    "savefig.dpi": 200,
    "svg.hashsalt": "portend",  # the same names in the same figure
}


def get_ink(colour):
    """What can be read on a colour of shares of red, green and blue: black or white."""
    red, green, blue = colour[:3]
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "black"


def render_figure(figure, kind):
    """The bytes of a figure as 'pdf', 'png' or 'svg'."""
    from matplotlib import rc_context  # --help works without it
    buffer = io.BytesIO()
    # Without a date, the same numbers give the same file.
    with rc_context(STYLE):
        figure.savefig(buffer, format=kind, metadata=DATES.get(kind))
    return buffer.getvalue()


@contextlib.contextmanager
def tell_missing_letters():
    """Say once which letters of names the font lacks, in place of matplotlib's many warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    missing = {}
    for warning in caught:
        match = re.match(r"Glyph (\d+) ", str(warning.message))
        if match:
            missing[chr(int(match.group(1)))] = None
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename,
                                   warning.lineno)
    if missing:
        print(f"{os.path.basename(sys.argv[0])}: the font lacks "
              f"{make_plain(' '.join(missing))}, drawn as boxes", file=sys.stderr)
