"""Reads a plant book as pypdf does. Argument: the file. Prints pages as text, bookmarks and links with the page each leads to, as JSON."""

import json
import sys

import pypdf

reader = pypdf.PdfReader(sys.argv[1], strict=True)
number = {page.indirect_reference.idnum: at for at, page in enumerate(reader.pages)}


def bookmarks(entries, level):
    for entry in entries:
        if isinstance(entry, list):
            yield from bookmarks(entry, level + 1)
        else:
            yield {"title": entry.title, "level": level, "page": reader.get_destination_page_number(entry)}


def links(page):
    for annotation in page.get("/Annots", []):
        annotation = annotation.get_object()
        if annotation["/Subtype"] == "/Link":
            destination = annotation["/Dest"].get_object()
            yield {"title": annotation["/Contents"], "page": number[destination[0].idnum]}


json.dump(
    {
        "title": reader.metadata.title,
        "lang": reader.root_object.get("/Lang"),
        "pages": [page.extract_text() for page in reader.pages],
        "bookmarks": list(bookmarks(reader.outline, 0)),
        "links": [link for page in reader.pages for link in links(page)],
    },
    sys.stdout,
)
