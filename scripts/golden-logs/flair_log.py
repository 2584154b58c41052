# /// script
# dependencies = ["flair==0.15.1", "torch==2.15.0"]
# ///
# cut: /^ *(\|^  [A-Z(]/d
"""flair: a classifier of made-up sentences, four epochs."""
from importlib.metadata import version

import flair
import torch
from flair.data import Corpus, Sentence
from flair.datasets import FlairDatapointDataset
from flair.embeddings import DocumentRNNEmbeddings, OneHotEmbeddings
from flair.models import TextClassifier
from flair.trainers import ModelTrainer

print("flair", version("flair"), flush=True)
flair.device = torch.device("cpu")
torch.manual_seed(0)


def sentences(number):
    made = [Sentence(f"{('foo', 'bar')[i % 2]} baz is here") for i in range(number)]
    for i, sentence in enumerate(made):
        sentence.add_label("kind", "AB"[i % 2])
    return FlairDatapointDataset(made)


corpus = Corpus(sentences(64), sentences(8), sentences(8))
embeddings = DocumentRNNEmbeddings([OneHotEmbeddings.from_corpus(corpus, min_freq=1)], hidden_size=8)
model = TextClassifier(embeddings, label_type="kind", label_dictionary=corpus.make_label_dictionary("kind"))
ModelTrainer(model, corpus).train("out", max_epochs=4, mini_batch_size=4, learning_rate=0.1)
