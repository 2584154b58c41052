# /// script
# dependencies = ["spacy==3.8.18"]
# ///
"""spaCy: `spacy train`, names of people and places in made-up sentences."""
from pathlib import Path

import spacy
from spacy.cli.init_config import init_config
from spacy.cli.train import train
from spacy.tokens import DocBin

print("spacy", spacy.__version__)
blank = spacy.blank("en")
PEOPLE, PLACES = ("Ada", "Bo", "Cleo", "Dov"), ("Arbor", "Brent", "Corin", "Delft")


def write(path, count):
    docs = DocBin()
    for at in range(count):
        doc = blank(f"{PEOPLE[at % 4]} drove to {PLACES[at * 3 % 4]} on day {at} .")
        doc.ents = [doc.char_span(*span) for span in spans(doc.text, at)]
        docs.add(doc)
    docs.to_disk(path)


def spans(text, at):
    for word, label in ((PEOPLE[at % 4], "PERSON"), (PLACES[at * 3 % 4], "GPE")):
        start = text.index(word)
        yield start, start + len(word), label


write("train.spacy", 40)
write("dev.spacy", 12)
init_config(lang="en", pipeline=["ner"], optimize="efficiency").to_disk("config.cfg")
train(
    Path("config.cfg"),
    Path("model"),
    overrides={
        "paths.train": "train.spacy",
        "paths.dev": "dev.spacy",
        "training.max_steps": 60,
        "training.eval_frequency": 10,
        "training.logger.@loggers": "spacy.ConsoleLogger.v2",
        "training.logger.output_file": "records.jsonl",
    },
)
