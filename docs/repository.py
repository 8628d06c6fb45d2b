"""For mdBook: what a page links outside this folder is in the repository, and what it links by a path of Rust in the library's reference."""

import json
import re
import sys


def mend(text, repository, reference):
    sources = f"]({repository}/blob/main/"
    text = text.replace("](../", sources).replace(f"{sources}docs/", "](")
    return re.sub(r"\]\((\w+::[\w:]+)\)", lambda path: f"]({reference}{path[1].removeprefix('crate::')})", text)


def chapters(items):
    for item in items:
        if chapter := item.get("Chapter") if isinstance(item, dict) else None:
            yield chapter
            yield from chapters(chapter["sub_items"])


if sys.argv[1:2] != ["supports"]:
    context, book = json.load(sys.stdin)
    repository = context["config"]["output"]["html"]["git-repository-url"]
    for chapter in chapters(book["items"]):
        chapter["content"] = mend(chapter["content"], repository, "https://docs.rs/trainlet/latest/trainlet/?search=")
    json.dump(book, sys.stdout)
