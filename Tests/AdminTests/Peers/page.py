"""The tables of a page as a browser left it, as JSON: by id, the rows of their bodies as texts."""
import html.parser
import json
import sys


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tables, self.scripts, self.outside, self.title, self.charts = {}, 0, [], "", 0
        self.rows = self.cell = None
        self.in_body = self.in_title = False

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag in ("script", "img", "iframe", "link", "object", "embed"):
            self.scripts += 1
        self.outside += [v for k, v in attributes.items() if k in ("src", "href", "xlink:href") or k.startswith("on")]
        if tag == "table":
            self.rows = self.tables.setdefault(attributes.get("id"), [])
        if tag == "svg":
            self.charts += 1
        if tag == "tbody":
            self.in_body = True
        if tag == "tr" and self.in_body:
            self.rows.append([])
        if tag in ("td", "th") and self.in_body:
            self.cell = ""
        if tag == "title" and not self.title:
            self.in_title = True

    def handle_endtag(self, tag):
        if tag == "tbody":
            self.in_body = False
        if tag in ("td", "th") and self.in_body:
            self.rows[-1].append(self.cell)
            self.cell = None
        if tag == "title":
            self.in_title = False

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data
        if self.in_title:
            self.title += data


page = Page()
with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
page.feed(text)
print(json.dumps({
    "tables": page.tables, "scripts": page.scripts, "outside": page.outside, "title": page.title,
    "charts": page.charts,
}))
