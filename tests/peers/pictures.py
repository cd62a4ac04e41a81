"""Holds pictures of charts against each other: the faces in an SVG as fontTools reads them, the PNG beside it as Pillow does.

Arguments: the scale, then pairs of an SVG and a PNG of the same chart. Prints a line a chart.
"""

import base64
import io
import math
import re
import sys
import xml.etree.ElementTree as ElementTree

from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"
FACE = re.compile(r"font-weight:(\d+);src:url\(data:font/otf;base64,([^)]*)\)")


def faces(style):
    for weight, data in FACE.findall(style):
        font = TTFont(io.BytesIO(base64.b64decode(data, validate=True)), checkChecksums=2)
        for table in font.keys():
            font[table]  # raises when it cannot be read
        yield weight, font


def check(svg, png, scale):
    root = ElementTree.parse(svg).getroot()
    fonts = dict(faces(root.findtext(f"{SVG}style")))
    n_texts = 0
    for text in root.iter(f"{SVG}text"):
        font = fonts[text.get("font-weight", "400")]
        known = font.getBestCmap()
        for character in text.text or "":
            assert ord(character) in known, (svg, text.text, character)
            pen = BoundsPen(font.getGlyphSet())
            font.getGlyphSet()[known[ord(character)]].draw(pen)
            assert character.isspace() or pen.bounds, (svg, text.text, character)
        n_texts += 1
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), svg

    image = Image.open(png)
    image.load()
    width, height = (math.ceil(float(root.get(side)) * scale) for side in ("width", "height"))
    assert image.size == (width, height), (image.size, width, height)
    ground = root.find(f"{SVG}rect").get("fill")
    assert "#%02x%02x%02x" % image.convert("RGB").getpixel((1, 1)) == ground, png
    colours = {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in image.convert("RGB").getcolors(1 << 24)}
    blocks = {rect.get("fill") for rect in root.iter(f"{SVG}rect") if rect.get("rx") == "6"} - {None}
    assert blocks <= colours, (png, blocks - colours)
    print(f"{svg}: {n_texts} texts, {len(ids)} ids, {width} x {height}")


scale, *files = sys.argv[1:]
for svg, png in zip(files[::2], files[1::2]):
    check(svg, png, float(scale))
