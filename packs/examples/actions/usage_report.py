#!/usr/bin/env python3
"""Prints the usage report of the project with this unique id: `usage_report.py ID`."""

import os
import re
import sys

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")


def main(given):
    project = given.strip()
    names = {row["id"]: row["name"] for row in table("projects.tsv")}
    if not re.fullmatch(r"prj-[0-9a-f]{4}", project):
        sys.exit("That is no id: one looks like prj-7f3a. `project id NAME` tells it.")
    if project not in names:
        sys.exit("There is no project %s. %s" % (project, suggestion(project, list(names))))
    rows = [row for row in table("usage.tsv") if row["project"] == project]
    print(report("**%s** (`%s`)" % (names[project], project), rows))


def table(name):
    with open(os.path.join(DATA, name), encoding="utf-8") as lines:
        heading, *rows = [line.rstrip("\n").split("\t") for line in lines]
    return [dict(zip(heading, row)) for row in rows]


def report(title, rows):
    """A Markdown table, which every chat shows as one."""
    if not rows:
        return "%s used nothing." % title
    lines = ["%s, %s to %s" % (title, rows[0]["month"], rows[-1]["month"]), ""]
    lines += ["| Month | Builds | CPU hours | Storage, GB |", "| --- | ---: | ---: | ---: |"]
    for row in rows:
        lines.append("| %s | %s | %s | %s |" % (row["month"], row["builds"], brief(row["cpu_hours"]), row["storage_gb"]))
    builds = sum(int(row["builds"]) for row in rows)
    hours = sum(float(row["cpu_hours"]) for row in rows)
    lines.append("| **All** | %d | %s | %s |" % (builds, brief(hours), rows[-1]["storage_gb"]))
    return "\n".join(lines)


def brief(number):
    return re.sub(r"\.0$", "", "%.1f" % float(number))


def suggestion(project, ids):
    near = sorted((distance(project, one), index) for index, one in enumerate(ids))
    close = [ids[index] for far, index in near if far <= 2][:3]
    return "Did you mean %s?" % " or ".join(close) if close else "`project id NAME` tells the id."


def distance(one, other):
    """How many characters have to be put in, taken out or changed (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


main(sys.argv[1] if len(sys.argv) > 1 else "")
