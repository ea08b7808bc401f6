"""Reads YAML and JSON files and prints what is in them as one JSON object:
for each file a list of its documents, or a text that says what is wrong."""

import json
import sys

import yaml


class Strict(yaml.SafeLoader):
    """Takes no key twice: what one of them says would be lost."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.MarkedYAMLError(problem=f"{name!r} twice", problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def read(path):
    with open(path, encoding="utf-8") as file:
        if path.endswith(".json"):
            return [json.load(file)]
        return [document for document in yaml.load_all(file, Strict) if document is not None]


answers = {}
for path in sys.stdin.read().splitlines():
    try:
        answers[path] = read(path)
    except (TypeError, ValueError, yaml.YAMLError) as error:
        answers[path] = " ".join(str(error).split())
print(json.dumps(answers, default=str))
