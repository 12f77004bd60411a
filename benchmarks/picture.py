"""Draws the figures as one SVG: a panel for each path, a bar for each contestant, as multiples of a bare Flask view.

Readable in light and in dark: the picture carries its own ground and follows what the reader's screen prefers.
"""

from html import escape

from benchmarks.figures import Figures
from benchmarks.paths import PATHS

_BARE = "bare-flask"
_WIDTH = 980
_COLUMNS = 3
_MARGIN = 24
_GAP = 22
_BAR = 15
_STEP = 20
_HEAD = 34
_NAMES = {
    "ours-sqlite": "Poortwachter, SQLite",
    "ours-postgresql": "Poortwachter, PostgreSQL",
    "bare-flask": "bare Flask view",
    "authlib-plain": "Authlib plain",
    "django-oauth-toolkit": "django-oauth-toolkit",
    "oidc-provider-memory": "oidc-provider, memory",
    "oidc-provider-redis": "oidc-provider, Redis",
    "glewlwyd": "glewlwyd",
}
_STYLE = """
  .ground { fill: #ffffff; stroke: #d5d9de; }
  text { font-family: system-ui, 'Segoe UI', Roboto, Arial, sans-serif; font-size: 11.5px; fill: #1c2733; }
  .title { font-size: 17px; font-weight: 600; }
  .panel { font-size: 13px; font-weight: 600; }
  .quiet { fill: #52606d; }
  .ours { fill: #0b5cad; }
  .floor { fill: #8a949e; }
  .peer { fill: #c98a1b; }
  .line { stroke: #8a949e; stroke-dasharray: 3 3; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #14191f; stroke: #39434d; }
    text { fill: #eef2f5; }
    .quiet { fill: #a9b4bf; }
    .ours { fill: #5aa9f5; }
    .floor { fill: #7d8791; }
    .peer { fill: #e0a93c; }
  }
"""


def drawn(figures: Figures) -> str:
    """The picture."""
    panels = [path for path in PATHS if any(figures.has(path.name, name) for name in _NAMES)]
    width = (_WIDTH - 2 * _MARGIN - (_COLUMNS - 1) * _GAP) / _COLUMNS
    height = _HEAD + len(_NAMES) * _STEP + 14
    rows = -(-len(panels) // _COLUMNS)
    whole = round(_MARGIN + 58 + rows * (height + _GAP))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {whole}" width="{_WIDTH}" height="{whole}"'
        ' role="img" aria-labelledby="t d">',
        '<title id="t">Speed beside peers</title>',
        f'<desc id="d">{escape(_in_words(figures))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{whole - 1}" rx="10"/>',
        f'<text class="title" x="{_MARGIN}" y="{_MARGIN + 12}">Per second of the server’s own processor time, '
        "as a multiple of a bare Flask view</text>",
        f'<text class="quiet" x="{_MARGIN}" y="{_MARGIN + 32}">Longer is faster. The dashed line is the bare view under '
        "the same gunicorn. Each panel has its own scale.</text>",
    ]
    for place, path in enumerate(panels):
        x = _MARGIN + place % _COLUMNS * (width + _GAP)
        y = _MARGIN + 58 + place // _COLUMNS * (height + _GAP)
        parts += _panel(figures, path.name, path.title, x, y, width)
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _panel(figures: Figures, path: str, title: str, x: float, y: float, width: float) -> list[str]:
    ratios = {name: figures.ratio(path, name, _BARE) for name in _NAMES}
    most = max([1.0, *(value for value in ratios.values() if value is not None)])
    names, figure = 142.0, 38.0
    room = width - names - figure
    parts = [f'<text class="panel" x="{x:.0f}" y="{y + 14:.0f}">{escape(title)}</text>']
    for place, (name, label) in enumerate(_NAMES.items()):
        top = y + _HEAD - 8 + place * _STEP
        kind = "ours" if name.startswith("ours") else "floor" if name == _BARE else "peer"
        parts.append(f'<text class="quiet" x="{x:.0f}" y="{top + 12:.0f}">{escape(label)}</text>')
        value = ratios[name]
        if value is None:
            parts.append(f'<text class="quiet" x="{x + names:.0f}" y="{top + 12:.0f}">–</text>')
            continue
        length = max(1.0, value / most * room)
        parts.append(
            f'<rect class="{kind}" x="{x + names:.0f}" y="{top:.0f}" width="{length:.1f}" height="{_BAR}" rx="2"/>'
        )
        parts.append(f'<text x="{x + names + length + 5:.0f}" y="{top + 12:.0f}">{_short(value)}</text>')
    line = x + names + room / most
    parts.append(
        f'<line class="line" x1="{line:.0f}" x2="{line:.0f}" y1="{y + _HEAD - 12:.0f}"'
        f' y2="{y + _HEAD - 8 + len(_NAMES) * _STEP:.0f}"/>'
    )
    return parts


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _in_words(figures: Figures) -> str:
    told = []
    for path in PATHS:
        values = [
            f"{label} {_short(value)}"
            for name, label in _NAMES.items()
            if (value := figures.ratio(path.name, name, _BARE)) is not None
        ]
        if values:
            told.append(f"{path.title}: {', '.join(values)}.")
    return " ".join(told)
